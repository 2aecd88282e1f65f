// Passkeys: asks the device, and sends its answer with the form. Speaks the JSON of WebAuthn level 3.

const form = document.querySelector("form[data-passkey]");
const LISTS = ["excludeCredentials", "allowCredentials"];

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function question() {
  const { publicKey } = JSON.parse(form.dataset.passkeyQuestion);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) {
    publicKey.user.id = bytes(publicKey.user.id);
  }
  for (const list of LISTS) {
    publicKey[list] = publicKey[list]?.map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return { publicKey };
}

function answer(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) {
      response[part] = text(credential.response[part]);
    }
  }
  const { id, type } = credential;
  return { id, type, rawId: text(credential.rawId), response, clientExtensionResults: credential.getClientExtensionResults() };
}

function say(sentence) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.textContent = sentence;
  problem.hidden = false;
}

async function ask(event) {
  const { answer: field, name } = form.elements;
  if (field.value || (name && !name.value.trim())) {
    return;
  }
  event.preventDefault();
  try {
    const credential = await navigator.credentials[form.dataset.passkey](question());
    field.value = JSON.stringify(answer(credential));
    form.requestSubmit();
  } catch {
    say("The device gave no passkey. Try again, or use another way.");
  }
}

if (form && window.PublicKeyCredential) {
  form.addEventListener("submit", ask);
} else if (form) {
  say("This device or browser has no passkeys. Use another way.");
  form.querySelector("button").disabled = true;
}
