// Warns before the session ends, and keeps what was typed through signing in again. docs/explanation/sessions.md
// says how what is kept is sealed: only the same person, in the same tab, can have it back.

const KEPT = "hiu.kept:";
const SEEN = "hiu.seen";
const KEEP_HOURS = 12;
const SEAL_AFTER_MS = 400;
const box = document.getElementById("session-warning");
const here = window.location.pathname + window.location.search;
const encoder = new TextEncoder();

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const keptItems = () => Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT));
const read = (name) => JSON.parse(sessionStorage.getItem(name));
const write = (name, item) => sessionStorage.setItem(name, JSON.stringify(item));
const forget = (name) => sessionStorage.removeItem(name);

// -- what was typed ------------------------------------------------------------------------------------------

const forms = () => [...document.querySelectorAll("main form")].filter((f) => f.method === "post" && f.dataset.keep !== "off");
const isTyped = (field) =>
  field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && field.autocomplete !== "one-time-code";

export function typed(form) {
  return [...form.elements].filter(isTyped).map((f) => [f.name, f.type, f.value, Boolean(f.checked)]);
}

export function fill(form, values) {
  for (const [name, type, value, checked] of values) {
    const choice = type === "radio" || type === "checkbox";
    const field = [...form.elements].find((f) => f.name === name && isTyped(f) && (!choice || f.value === value));
    if (field && choice) {
      field.checked = checked;
    } else if (field) {
      field.value = value;
    }
    field?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function key() {
  const raw = Uint8Array.from(box.dataset.key.match(/../g), (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function seal(form) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const content = encoder.encode(JSON.stringify([forms().indexOf(form), typed(form)]));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), content);
  write(KEPT + here, { iv: text(iv), sealed: text(sealed), at: Date.now() });
}

async function open(item) {
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(item.iv) }, await key(), bytes(item.sealed));
  return JSON.parse(new TextDecoder().decode(opened));
}

/** Give back what waited here through a sign-in; drop what was sent, left behind, too old, or somebody else's. */
async function restore() {
  for (const name of keptItems()) {
    const item = read(name);
    if (!item.through || Date.now() - item.at > KEEP_HOURS * 3600000) {
      forget(name);
      continue;
    }
    try {
      const [position, values] = await open(item);
      if (name === KEPT + here && forms()[position]) {
        fill(forms()[position], values);
        document.querySelector("[data-typed-is-back]").hidden = false;
        write(name, { ...item, through: false });
      }
    } catch {
      forget(name);
    }
  }
}

let sealing = null;
function onInput(event) {
  const form = event.target.form;
  if (form && forms().includes(form) && isTyped(event.target)) {
    clearTimeout(sealing);
    sealing = setTimeout(() => seal(form), SEAL_AFTER_MS);
  }
}

function onSubmit(event) {
  if (event.target.action === new URL(box.dataset.signOutUrl, window.location.href).href) {
    keptItems().forEach(forget);
  }
}

// -- the end of the session ----------------------------------------------------------------------------------

let ends = 0;
const seen = () => Number(localStorage.getItem(SEEN));
const left = () => Math.min(seen() + Number(box.dataset.idle) * 1000, ends) - Date.now();
const post = (url) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" }, credentials: "same-origin" });
};

function start({ idle, ends: seconds }) {
  ends = seconds === "" ? Infinity : Date.now() + Number(seconds) * 1000;
  localStorage.setItem(SEEN, Date.now() - (Number(box.dataset.idle) - idle) * 1000);
}

async function keepWorking() {
  const answer = await post(box.dataset.keepUrl);
  if (answer.redirected || !answer.ok) {
    await leave();
    return;
  }
  start(await answer.json());
  box.close();
}

async function leave() {
  try {
    await post(box.dataset.signOutUrl);
    window.location.replace(`${box.dataset.signInUrl}?ended=idle&next=${encodeURIComponent(here)}`);
  } catch {
    // No connection: what is on the page stays covered, and the next tick tries again.
  }
}

function tick() {
  const seconds = Math.round(left() / 1000);
  if (seconds > Number(box.dataset.warning)) {
    if (box.open) {
      box.close(); // somebody went on working in another tab
    }
    return;
  }
  if (!box.open) {
    box.showModal();
  }
  box.querySelector("[data-session-minutes]").textContent = seconds > 60 ? "2 minutes" : "1 minute";
  if (seconds <= 0) {
    box.classList.add("app-session--over");
    leave();
  }
}

if (box) {
  start({ idle: Number(box.dataset.idle), ends: box.dataset.ends });
  box.querySelector("[data-session-keep]").addEventListener("click", keepWorking);
  setInterval(tick, 1000);
  document.addEventListener("submit", onSubmit);
  if (window.crypto?.subtle) {
    document.addEventListener("input", onInput);
    restore();
  }
} else {
  // Not signed in: whatever is kept has now been through an end of the session.
  keptItems().forEach((name) => write(name, { ...read(name), through: true }));
}
