// Saves a contact by way of the outbox, and keeps a sealed draft while somebody types. Without scripts, or where nothing
// can be sealed, the form of a client's page is sent as any other.

// The page knows the addresses of these files with their content hash; a module cannot.
const outbox = await import(document.querySelector("script[data-outbox]").src);
const { fill, typed } = await import(document.querySelector("script[data-session]").src);
const DRAFT_AFTER_MS = 400;

const theForm = () => document.querySelector("form[data-log-form]");
const isOnline = (form) => form.dataset.logForm === "online";

/** As the browser would send it, without what is only for the way. */
function content(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("csrfmiddlewaretoken");
  fields.delete("key");
  return fields.toString();
}

function keptInstead(form) {
  const kept = document.querySelector("template[data-kept]").content.cloneNode(true);
  const heading = kept.querySelector("h2");
  form.replaceWith(kept);
  heading.focus();
}

/** Show the page the server answered with: the form, and what is wrong with it. */
async function showAgain(html) {
  const answered = new DOMParser().parseFromString(html, "text/html");
  document.title = answered.title;
  const main = answered.querySelector("main");
  document.querySelector("main").replaceWith(main);
  const { initAll } = await import(document.querySelector("link[data-nhsuk-frontend]").href);
  initAll({ scope: main });
  document.querySelector(".nhsuk-error-summary")?.focus();
  watch(theForm());
  keepDraft();
}

// Who was signed in when the shell opened; on a page of the server that is the page's own person.
let author = null;
const isAuthor = async (form) => isOnline(form) || (await outbox.writer())?.author === author;

// The name of this form's draft, and the key of its contact where the page brings none. Whoever goes on with a draft
// has both, so that a tab that was left open and the one gone on with log one contact.
let draft, key;
const keyOf = (form) => form.elements.key?.value || key;

let saving = false;
async function save(event) {
  event.preventDefault();
  const form = event.target;
  if (saving) {
    return;
  }
  saving = true;
  clearTimeout(drafting);
  try {
    if (!(await isAuthor(form))) {
      saving = false;
      say(form, "Somebody else has signed in on this phone. Sign in as yourself again, then save.");
      return;
    }
    const entry = await outbox.keep(keyOf(form), content(form), isOnline(form));
    await outbox.dropDraft(draft);
    const answer = isOnline(form) ? await outbox.send(form.action, entry, form.elements.csrfmiddlewaretoken.value) : {};
    if (answer.signed && answer.url) {
      window.location.assign(answer.url);
      return;
    }
    saving = false;
    if (answer.signed) {
      await showAgain(answer.page);
    } else {
      keptInstead(form);
      outbox.sendAll();
    }
  } catch {
    saving = false;
    notKept(form);
  }
}

function say(form, sentence) {
  form.elements.note.setCustomValidity(sentence);
  form.reportValidity();
  form.elements.note.setCustomValidity("");
}

/** The phone keeps nothing (its storage is full or locked): send as any form, or say so. */
function notKept(form) {
  if (isOnline(form)) {
    form.submit();
  } else {
    say(form, "This phone could not keep the contact. Make room on it, then save again.");
  }
}

let drafting = null;
async function keepDraft() {
  const form = theForm();
  if (form && !saving && (await isAuthor(form))) {
    outbox.keepDraft(draft, { where: form.dataset.draft, key: keyOf(form), typed: typed(form) }).catch(() => {});
  }
}

let hasBegun = false;
function onInput() {
  hasBegun = true;
  clearTimeout(drafting);
  drafting = setTimeout(keepDraft, DRAFT_AFTER_MS);
}

function checkCode({ target }) {
  const letters = target.form.dataset.letters;
  const code = target.value.replace(/[\s-]/g, "").toUpperCase();
  const fine = /^\d{1,12}[A-Z]$/.test(code) && code.at(-1) === letters[Number(code.slice(0, -1)) % letters.length];
  target.setCustomValidity(fine || !code ? "" : "This is not a case code. It is a number and a letter, on the client's page.");
}

/** The shell stands in for a page that could not be fetched: its address still tells which case it was. */
function fillCode(form) {
  const { pathname, hash } = window.location;
  const number = pathname.match(/\/cases\/(\d+)\//)?.[1] ?? hash.match(/^#(\d+)$/)?.[1];
  if (number) {
    // What was begun for this case comes back into its form, and into no other.
    form.dataset.draft += `#${number}`;
    form.elements.code.value = number + form.dataset.letters[Number(number) % form.dataset.letters.length];
  }
}

/** Put back what was typed before. To somebody who writes already only the old note is given, below their own. */
function putBack(form, before) {
  outbox.dropDraft(draft);
  ({ name: draft, key } = before);
  if (form.elements.key) {
    form.elements.key.value = key;
  }
  const [, , note] = before.typed.find(([name]) => name === "note") ?? [];
  if (!hasBegun) {
    fill(form, before.typed);
  } else {
    if (note && !form.elements.note.value.includes(note)) {
      form.elements.note.value = [form.elements.note.value, note].filter(Boolean).join("\n\n");
    }
    keepDraft();
  }
  document.querySelector("[data-typed-is-back]")?.removeAttribute("hidden");
}

function watch(form) {
  form.addEventListener("submit", save);
  form.addEventListener("input", onInput);
}

async function start() {
  const form = theForm();
  if (!form || !outbox.works) {
    return;
  }
  draft = crypto.randomUUID();
  key = crypto.randomUUID();
  if (!isOnline(form)) {
    const known = (await outbox.writer()) ?? (await outbox.askWriter());
    author = known?.author;
    form.hidden = document.querySelector("[data-somebody]").hidden = !known;
    document.querySelector("[data-nobody]").hidden = Boolean(known);
    form.elements.code.addEventListener("input", checkCode);
    fillCode(form);
  }
  watch(form);
  const before = document.querySelector(".nhsuk-error-summary") ? null : await outbox.openDraft(form.dataset.draft);
  if (before && !saving && theForm() === form) {
    putBack(form, before);
  }
}

// Back may show the page as it was left.
window.addEventListener("pageshow", () => {
  saving = false;
});
start();
