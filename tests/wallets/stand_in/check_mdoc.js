// What @auth0/mdl says of mdocs. Reads a list of requests in JSON from its input:
// {"response" (a DeviceResponse in base64url), "transcript" (SessionTranscript in base64url), "roots" (PEM)};
// answers with a list on its output: {"checks": {id: [status, …]}, "elements"?: {namespace: {name: value}}, "error"?}.
// With onCheck it throws nothing that it merely checked: whoever asks reads every status.
import { readFileSync } from "node:fs";
import { Verifier } from "@auth0/mdl";

// The verifier wants SessionTranscriptBytes: the transcript inside a byte string, tagged 24.
function embedded(bytes) {
  const size = bytes.length;
  return Buffer.concat([Buffer.from(size < 24 ? [0xd8, 0x18, 0x40 + size] : size < 256 ? [0xd8, 0x18, 0x58, size]
    : [0xd8, 0x18, 0x59, size >> 8, size & 255]), bytes]);
}

function shown(value) {
  return Buffer.isBuffer(value) || value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value;
}

async function checked(request) {
  const checks = {};
  const onCheck = (item) => (checks[item.id] ??= []).push(item.status);
  try {
    const found = await new Verifier(request.roots).verify(Buffer.from(request.response, "base64url"), {
      encodedSessionTranscript: embedded(Buffer.from(request.transcript, "base64url")),
      onCheck,
    });
    const [document] = found.documents;
    const elements = {};
    for (const namespace of document.issuerSignedNameSpaces) {
      const values = Object.entries(document.getIssuerNameSpace(namespace));
      elements[namespace] = Object.fromEntries(values.map(([name, value]) => [name, shown(value)]));
    }
    return { checks, elements };
  } catch (error) {
    return { checks, error: String(error.message ?? error) };
  }
}

const answers = [];
for (const request of JSON.parse(readFileSync(0, "utf8"))) answers.push(await checked(request));
console.log(JSON.stringify(answers));
