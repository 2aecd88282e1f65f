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
    const id = form.elements.key?.value || crypto.randomUUID();
    const entry = await outbox.keep(id, content(form), isOnline(form));
    await outbox.dropDraft(form.dataset.draft);
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

/** The phone keeps nothing (its storage is full or locked): send as any form, or say so. */
function notKept(form) {
  if (isOnline(form)) {
    form.submit();
  } else {
    form.elements.note.setCustomValidity("This phone could not keep the contact. Make room on it, then save again.");
    form.reportValidity();
    form.elements.note.setCustomValidity("");
  }
}

let drafting = null;
function keepDraft() {
  const form = theForm();
  if (form && !saving) {
    outbox.keepDraft(form.dataset.draft, typed(form)).catch(() => {});
  }
}

function onInput() {
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
  const number = window.location.pathname.match(/\/cases\/(\d+)\//)?.[1];
  if (number) {
    form.elements.code.value = number + form.dataset.letters[Number(number) % form.dataset.letters.length];
  }
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
  if (!isOnline(form)) {
    const known = (await outbox.writer()) ?? (await outbox.askWriter());
    form.hidden = document.querySelector("[data-somebody]").hidden = !known;
    document.querySelector("[data-nobody]").hidden = Boolean(known);
    form.elements.code.addEventListener("input", checkCode);
    fillCode(form);
  }
  watch(form);
  const before = document.querySelector(".nhsuk-error-summary") ? null : await outbox.openDraft(form.dataset.draft);
  if (before) {
    fill(form, before);
    document.querySelector("[data-typed-is-back]")?.removeAttribute("hidden");
  }
}

// Back may show the page as it was left.
window.addEventListener("pageshow", () => {
  saving = false;
});
start();
