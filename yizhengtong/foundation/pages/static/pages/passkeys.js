// Passkeys: asks the browser for one, and sends what it says as a form. Without script or passkeys the form stays hidden.
"use strict";
const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function opened(options) {
  const open = { ...options, challenge: bytesOf(options.challenge) };
  if (open.user) open.user = { ...open.user, id: bytesOf(open.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"])
    if (open[list]) open[list] = open[list].map((each) => ({ ...each, id: bytesOf(each.id) }));
  return open;
}

function closed(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function show(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
  });
  if (!answer.ok) throw new Error("no options");
  const options = await answer.json();
  const asked = { publicKey: opened(options.publicKey) };
  const isNew = form.dataset.passkey === "create";
  return isNew ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("[data-failed]").hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(closed(await show(form)));
      form.submit();
    } catch {
      form.querySelector("[data-failed]").hidden = false;
      delete form.dataset.sent;
    }
  });
});
