// Keys for working through a list. They act only while a card, or something on it, has the focus; without this
// file every one of them is a button or a link of the card.

const board = document.querySelector("[data-board]");
const cards = board ? [...board.children] : [];

function button(card, name, value) {
  return card.querySelector(`button[name="${name}"][value="${value}"]`);
}

/** The next card, or the next page of them. */
function move(card, step) {
  const next = cards[cards.indexOf(card) + step];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return;
  }
  const page = document.querySelector(`a[rel="${step > 0 ? "next" : "prev"}"]`);
  if (page) {
    window.location.assign(`${page.href}#people`);
  }
}

/** Not taking on needs a reason: open the part that asks for it. */
function askForReason(card) {
  const details = card.querySelector("details");
  const select = details?.querySelector("select");
  if (select) {
    details.open = true;
    select.focus();
  }
}

const KEYS = {
  j: (card) => move(card, 1),
  ArrowDown: (card) => move(card, 1),
  k: (card) => move(card, -1),
  ArrowUp: (card) => move(card, -1),
  // Taking on is final, so the key only goes to the button.
  t: (card) => button(card, "decision", "accept")?.focus(),
  n: askForReason,
  o: (card) => card.querySelector("a")?.click(),
  1: (card) => button(card, "benefit", "1")?.click(),
  2: (card) => button(card, "benefit", "2")?.click(),
  3: (card) => button(card, "benefit", "3")?.click(),
};

function press(event) {
  const card = event.target.closest("[data-board] > li");
  const types = event.target.matches("select, input, textarea");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!card || types || event.ctrlKey || event.metaKey || event.altKey || !KEYS[key]) {
    return;
  }
  event.preventDefault();
  KEYS[key](card);
}

cards.forEach((card) => card.setAttribute("tabindex", "0"));
document.querySelectorAll("[data-board-keys]").forEach((help) => help.removeAttribute("hidden"));
board?.addEventListener("keydown", press);
// After a decision the next person has moved up. What happened is still read out, since its role is alert.
if (window.location.hash === "#people" && cards.length) {
  document.querySelectorAll(".nhsuk-notification-banner").forEach((banner) => {
    banner.dataset.disableAutoFocus = "true";
  });
  // The browser goes to the fragment until all is loaded, and takes the focus along.
  window.addEventListener("load", () => setTimeout(() => cards[0].focus(), 0));
}
