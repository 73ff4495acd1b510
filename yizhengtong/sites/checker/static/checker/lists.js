// Status lists (Token Status List, draft 21) as JSON Web Tokens: checked by the published keys, then asked for one place.
"use strict";
import { fromBase64url, verified } from "./reading.js";

const TYPE = "statuslist+jwt";
const json = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));

// The list in a token, or nothing where it is not one of ours. `keys`: JSON Web Keys; `uri`: the list's whole address.
export const opened = async (token, uri, keys) => {
  const [header, payload, signature] = token.trim().split(".");
  if (!signature) return null;
  const { alg, kid, typ } = json(header);
  const jwk = keys.find((each) => each.kid === kid && each.alg === "ES256");
  if (!jwk || alg !== "ES256" || typ !== TYPE) return null;
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  if (!(await verified(jwk, signed, fromBase64url(signature)))) return null;
  const { sub, iat, exp, status_list: list } = json(payload);
  if (sub !== uri) return null;
  const packed = new Blob([fromBase64url(list.lst)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return { asOf: iat, expires: exp, bits: list.bits, bytes: new Uint8Array(await new Response(packed).arrayBuffer()) };
};

// What a place says: 0 valid, 1 ended, 2 suspended; bits count from the least.
export const valueAt = (list, index) => {
  const at = index * list.bits, byte = list.bytes[Math.floor(at / 8)];
  return byte === undefined ? null : (byte >> (at % 8)) & (2 ** list.bits - 1);
};
