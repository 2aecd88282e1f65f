// The outbox: contacts wait here, sealed to the server's public key, until the server has signed for them. Nothing
// kept here can be read on this phone. casework/outbox/sealing.py is the other half; docs/adr/0021 says why.

const bar = document.getElementById("outbox");
const page = bar.dataset;
const part = (name) => bar.querySelector(`[data-outbox-${name}]`);
const LATE_MS = 4 * 3600000;
const EVERY_MS = 30000;
const PATIENCE_MS = 15000;
const DRAFT_DAYS = 14;
const EC = { name: "ECDH", namedCurve: "P-256" };
const encoder = new TextEncoder();
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));

// Sealing is offered only over HTTPS or on the machine itself, and storage not in every private window.
export const works = Boolean(window.crypto?.subtle && window.indexedDB && navigator.locks);

// -- what is kept --------------------------------------------------------------------------------------------

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("hiu-outbox", 1);
    opening.onupgradeneeded = () => {
      const entries = opening.result.createObjectStore("entries", { keyPath: "seq", autoIncrement: true });
      entries.createIndex("id", "id", { unique: true });
      opening.result.createObjectStore("drafts", { keyPath: "name" });
      opening.result.createObjectStore("phone", { keyPath: "name" });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = opening.onblocked = () => reject(opening.error);
  });
}

/** Do something with a store; the answer comes once it is on the disk, so that a killed browser loses nothing. */
async function using(store, mode, work) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    db.close(); // a page with a newer outbox must not wait for us
  }
}

const all = (store) => using(store, "readonly", (s) => s.getAll());
const put = (store, item) => using(store, "readwrite", (s) => s.put(item));
const remove = (store, key) => using(store, "readwrite", (s) => s.delete(key));
const isFree = ({ attended }) => !(attended > Date.now());

/** Who writes here, and to which key it is sealed: as the page says, or as the last page with a network said. */
export async function writer() {
  return page.author ? { name: "writer", author: page.author, key: page.key, kid: page.kid } : (await all("phone"))[0];
}

/** Ask the server who writes here, for a page that is the same for everybody; undefined where nobody is signed in. */
export async function askWriter() {
  const hello = await greet();
  if (!hello) {
    return undefined;
  }
  await put("phone", { name: "writer", author: hello.author, key: hello.key, kid: hello.kid });
  return writer();
}

/** Seal for the server alone. `boundTo` stays readable; were it changed, the rest would not open. */
async function seal(content, boundTo, { key, kid }) {
  const server = await crypto.subtle.importKey("raw", bytes(key), EC, false, []);
  const once = await crypto.subtle.generateKey(EC, false, ["deriveBits"]);
  const point = await crypto.subtle.exportKey("raw", once.publicKey);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, once.privateKey, 256);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: point, info: encoder.encode("hiu outbox 1") };
  const aes = await crypto.subtle.deriveKey(hkdf, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(boundTo.join("|")) };
  const sealed = await crypto.subtle.encrypt(how, aes, encoder.encode(JSON.stringify(content)));
  return { kid, ephemeral: text(point), iv: text(iv), sealed: text(sealed) };
}

/**
 * Keep a contact; resolves once it is safe. `form` is the form as it is sent. While the page itself is about to send
 * it (`attended`), sendAll leaves it alone.
 */
export async function keep(id, form, attended) {
  navigator.storage?.persist?.(); // asked, never relied on
  const known = await writer();
  const written = Date.now();
  const receipt = text(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await seal({ form, receipt }, ["entry", id, known.author, String(written)], known);
  const entry = { id, author: known.author, written, receipt, attended: attended ? written + PATIENCE_MS : 0, ...sealed };
  try {
    entry.seq = await using("entries", "readwrite", (s) => s.add(entry));
  } catch (problem) {
    // A copied tab has the same id: what it says is another contact, and takes no other one's place.
    if ((await all("entries")).some((kept) => kept.id === id)) {
      return keep(crypto.randomUUID(), form, attended);
    }
    throw problem;
  }
  show();
  return entry;
}

// -- drafts --------------------------------------------------------------------------------------------------

/**
 * Keep what is typed into a form: { where, key, typed }. The name says nothing, and the address of the form, which
 * has the number of the case, is inside the seal.
 */
export async function keepDraft(name, draft) {
  const known = await writer();
  const sealed = await seal(draft, ["draft", name, known.author], known);
  await put("drafts", { name, author: known.author, at: Date.now(), ...sealed });
}

export async function dropDraft(name) {
  await remove("drafts", name);
  show();
}

async function ownDrafts() {
  const known = await writer();
  const drafts = (await all("drafts")).filter((draft) => known && draft.author === known.author);
  return drafts.sort((one, other) => other.at - one.at);
}

/**
 * The newest of what was typed and not saved, in the form at that address or in any. The server opens it for its
 * author; null without a network or a draft.
 */
export async function openDraft(where) {
  const drafts = await ownDrafts();
  const hello = drafts.length ? await greet() : null;
  for (const draft of hello ? drafts : []) {
    const { typed } = await post(page.draftUrl, draft, hello.token);
    if (typed?.where && (!where || typed.where === where)) {
      return { name: draft.name, ...typed };
    }
  }
  return null;
}

async function goOn() {
  const draft = await openDraft();
  if (draft) {
    window.location.assign(draft.where);
    return;
  }
  refusals.set("draft", "What you began cannot be opened now. It stays here; try again when there is a network.");
  show();
}

// -- sending -------------------------------------------------------------------------------------------------

/** Who is signed in; null where nobody is, or the network is not there. */
async function greet() {
  try {
    const answer = await fetch(page.url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.redirected || !answer.ok ? null : await answer.json();
  } catch {
    return null;
  }
}

/**
 * The answer as JSON; {} for no network, the sign-in page or a hotel's page. A failure of the server has its status,
 * so that one entry it cannot take in does not keep back those after it.
 */
async function post(url, content, token) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" };
  try {
    const body = JSON.stringify(content);
    const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const said = answer.redirected ? {} : await answer.json().catch(() => ({}));
    return answer.ok ? said : { status: answer.status, ...said };
  } catch {
    return {};
  }
}

async function isSigned(entry, { outcome, receipt }) {
  const key = await crypto.subtle.importKey("raw", bytes(entry.receipt), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return Boolean(receipt) && crypto.subtle.verify("HMAC", key, bytes(receipt), encoder.encode(`${entry.id}|${outcome}`));
}

/** Send one entry. Only a receipt that the server signed for this very entry removes it. */
export async function send(url, entry, token) {
  const { seq, receipt, attended, ...envelope } = entry;
  const answer = await post(url, envelope, token);
  if (await isSigned(entry, answer)) {
    await remove("entries", seq);
    return { ...answer, signed: true };
  }
  if (attended) {
    await put("entries", { ...entry, attended: 0 });
  }
  return answer;
}

const refusals = new Map();
let held = 0;

/** Send what the person who is signed in wrote, oldest first, one tab at a time. */
export async function sendAll() {
  if ((await all("entries")).some(isFree)) {
    await navigator.locks.request("hiu-outbox", { ifAvailable: true }, async (lock) => {
      const hello = lock && (await greet());
      for (const entry of hello ? await all("entries") : []) {
        if (entry.author !== hello.author || !isFree(entry)) {
          continue;
        }
        const answer = await send(page.url, entry, hello.token);
        held = answer.held ?? held;
        refusals.delete(entry.id);
        if (!answer.signed && answer.sentence) {
          refusals.set(entry.id, answer.sentence);
        } else if (answer.status >= 400) {
          refusals.set(entry.id, `The server could not take it in (${answer.status}). It stays here and is tried again.`);
        } else if (!answer.signed) {
          break; // no network: the next one would fail as well, and out of turn
        }
      }
    });
  }
  await show();
}

// -- the bar -------------------------------------------------------------------------------------------------

const many = ({ length }, whose = "") => (length === 1 ? `1 contact${whose} waits` : `${length} contacts${whose} wait`);

function since(at) {
  const hours = Math.floor((Date.now() - at) / 3600000);
  const time = new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const day = new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  const from = new Date(at).toDateString() === new Date().toDateString() ? time : `${day}, ${time}`;
  return hours ? `since ${from} (${hours} hour${hours === 1 ? "" : "s"})` : `since ${from}`;
}

let waiting = [];
async function show() {
  const known = await writer();
  // A form gives back itself what was begun in it.
  const isForm = document.querySelector("form[data-log-form]");
  const [begun] = page.author && !isForm ? await ownDrafts() : [];
  const entries = (await all("entries")).filter(isFree);
  const mine = entries.filter((entry) => known && entry.author === known.author);
  const others = entries.filter((entry) => !mine.includes(entry));
  const words = [];
  if (mine.length) {
    const they = mine.length === 1 ? "It is" : "They are";
    words.push(`${many(mine)} on this phone ${since(mine[0].written)}. ${they} sent once there is a network and you are signed in.`);
  }
  if (others.length) {
    const them = others.length === 1 ? "it" : "them";
    const whose = " of somebody who is not signed in";
    words.push(`${many(others, whose)} on this phone ${since(others[0].written)}. Only who wrote ${them} can send ${them}, signed in to the same service.`);
  }
  words.push(...new Set(refusals.values()));
  if (held) {
    words.push(`${held === 1 ? "1 contact" : `${held} contacts`} could not be logged as written. Nothing is lost.`);
  }
  if (begun) {
    words.push(`You began a contact and did not save it, ${since(begun.at)}.`);
  }
  say(words);
  waiting = mine;
  bar.hidden = !words.length;
  bar.classList.toggle("app-outbox--late", entries.some((entry) => Date.now() - entry.written > LATE_MS));
  part("send").hidden = !(mine.length && page.signedIn);
  part("held").hidden = !held;
  part("draft").hidden = part("throw").hidden = !begun;
  part("throw").onclick = () => dropDraft(begun.name);
}

// Writing the same words again would make a screen reader say them again.
function say(words) {
  const box = part("words");
  if (box.dataset.said !== words.join("\n")) {
    box.dataset.said = words.join("\n");
    box.replaceChildren(...words.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
  }
}

/** Signing out forgets who wrote here and never what they wrote. */
function onSubmit(event) {
  if (event.target.action !== new URL(page.signOutUrl, window.location.href).href || event.defaultPrevented) {
    return;
  }
  const unsent = `${many(waiting)} on this phone and will be sent only when you sign in here again. Sign out all the same?`;
  if (waiting.length && !window.confirm(unsent)) {
    event.preventDefault();
    return;
  }
  all("phone").then((known) => known.forEach(({ name }) => remove("phone", name)));
}

async function start() {
  if (page.author) {
    await put("phone", await writer());
  } else if (page.signedIn) {
    await remove("phone", "writer"); // somebody who logs no contacts: the one before has gone
  }
  for (const draft of await all("drafts")) {
    if (Date.now() - draft.at > DRAFT_DAYS * 86400000) {
      await remove("drafts", draft.name);
    }
  }
  if (page.serviceWorker) {
    // Without a session the script cannot be had, and the one from before stays.
    navigator.serviceWorker?.register(page.serviceWorker, { scope: "/", updateViaCache: "all" }).catch(() => {});
  }
  await show();
  await sendAll();
}

if (works) {
  document.addEventListener("submit", onSubmit, { capture: true });
  part("send").addEventListener("click", sendAll);
  part("draft").addEventListener("click", goOn);
  window.addEventListener("online", sendAll);
  document.addEventListener("visibilitychange", () => document.hidden || sendAll());
  setInterval(sendAll, EVERY_MS);
  // A private window may keep nothing: then there is nothing to show, and forms are sent as any other.
  start().catch(() => {});
}
