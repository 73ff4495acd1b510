// Asks the device agent of this machine (docs/contracts/devices.md); without it, one types and chooses files.
"use strict";
const device = document.querySelector("[data-agent]");
const ask = async (method, path, body) => {
  const headers = { "X-Yizhengtong-Device": "1", "Content-Type": "application/json" };
  const answer = await fetch(device.dataset.agent + path, { method, headers, body: body && JSON.stringify(body), mode: "cors", credentials: "omit", targetAddressSpace: "loopback" });
  if (!answer.ok) throw new Error("refused");
  return answer.json();
};
const fill = (read) => {
  const kind = document.querySelector(`input[name=kind][value="${CSS.escape(read.kind)}"]`);
  if (kind) kind.checked = true;
  document.getElementById("id_number").value = read.number;
  ["name", "latin_name", "birth_date", "sex", "region", "valid_until"].forEach((name) => {
    const field = document.querySelector(`input[name=read_${name}]`);
    if (field) field.value = read[name] || "";
  });
};
const keep = (finger) => {
  const bytes = Uint8Array.from(atob(finger.image), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], `${finger.finger}.png`, { type: "image/png" }));
  document.getElementById(device.dataset.for).files = files.files;
};
if (device) {
  const status = device.querySelector("[data-status]");
  device.hidden = false;
  device.querySelectorAll("[data-read]").forEach((button) => button.addEventListener("click", async () => {
    status.textContent = "…";
    try {
      if (button.dataset.read === "document") fill(await ask("POST", "/v1/documents", {}));
      else keep(await ask("POST", "/v1/fingerprints", { finger: button.dataset.read }));
      status.textContent = device.dataset.done;
    } catch {
      status.textContent = device.dataset.failed;
    }
  }));
}
