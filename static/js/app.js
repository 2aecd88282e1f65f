// Everything the pages do by script. Each part improves a page that works without it.

const POLL_MS = 2000;
const LONGEST_WAIT_MS = 30000;
const RESUBMIT_AFTER_MS = 10000;

/** Ask for JSON; null when the session has ended, so that the caller can send the reader to sign in. */
async function fetchProgress(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (response.redirected || response.status === 401 || response.status === 403) {
    return null;
  }
  if (!response.ok) {
    throw new Error(`progress answered ${response.status}`);
  }
  return response.json();
}

function showProgress(box, { percent, label }) {
  const bar = box.querySelector("progress");
  if (bar && Number.isFinite(percent)) {
    bar.value = percent;
  }
  setText(box.querySelector("[data-progress-percent]"), Number.isFinite(percent) ? `${Math.round(percent)}%` : "");
  setText(box.querySelector("[data-progress-label]"), label);
}

// Writing the same words again would make a screen reader say them again.
function setText(element, text) {
  if (element && text !== undefined && element.textContent !== text) {
    element.textContent = text;
  }
}

/** Poll until done. A failed request is tried again, ever more slowly: the work goes on without us. */
async function watchProgress(box) {
  let wait = POLL_MS;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const progress = await fetchProgress(box.dataset.progressUrl);
      if (progress === null) {
        window.location.reload();
        return;
      }
      showProgress(box, progress);
      if (progress.done) {
        finish(progress.url);
        return;
      }
      wait = POLL_MS;
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      setText(box.querySelector("[data-progress-label]"), "No connection. The work goes on; this page tries again.");
    }
  }
}

function finish(url) {
  const target = url ? new URL(url, window.location.href) : null;
  if (target && target.origin === window.location.origin && target.href !== window.location.href) {
    window.location.assign(target);
  } else {
    window.location.reload();
  }
}

/** The first press counts. Released after a while, since a download leaves the page where it was. */
function preventDoubleSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") {
    return;
  }
  if (form.dataset.submitted) {
    event.preventDefault();
    return;
  }
  form.dataset.submitted = "true";
  setTimeout(() => delete form.dataset.submitted, RESUBMIT_AFTER_MS);
}

// Back may show a page as it was left, with its form still marked.
function releaseForms() {
  document.querySelectorAll("form[data-submitted]").forEach((form) => delete form.dataset.submitted);
}

function printPage(event) {
  if (event.target.closest("[data-print]")) {
    window.print();
  }
}

/** Paper leaves no other trace: tell the server which page goes to the printer. */
function notePrinting() {
  const { printed, printedUrl } = document.body.dataset;
  const csrf = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!printed || !csrf) {
    return;
  }
  const form = new FormData();
  form.append("csrfmiddlewaretoken", csrf.value);
  form.append("printed", printed);
  // A beacon is sent also while the print dialogue holds the page up.
  navigator.sendBeacon(printedUrl, form);
}

async function startFrontend() {
  // The template knows the address of this file with its content hash; a module cannot.
  const preload = document.querySelector("link[data-nhsuk-frontend]");
  if (preload) {
    const { initAll } = await import(preload.href);
    initAll();
  }
}

document.addEventListener("submit", preventDoubleSubmit);
document.addEventListener("click", printPage);
window.addEventListener("beforeprint", notePrinting);
window.addEventListener("pageshow", releaseForms);
document.querySelectorAll("[data-progress-url]").forEach(watchProgress);
startFrontend();
