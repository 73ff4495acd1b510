// What a stranger's program says of our status lists: reads one request in JSON from its input, answers on its output.
// {"token", "jwk", "uri", "indices"} → {"values", "ttl"}, or {"refused": why}. By jose and Node's zlib, nothing of ours.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { importJWK, jwtVerify } from "jose";

const request = JSON.parse(readFileSync(0, "utf8"));

async function read() {
  const key = await importJWK(request.jwk, "ES256");
  const { payload } = await jwtVerify(request.token, key, { typ: "statuslist+jwt", subject: request.uri });
  const { bits, lst } = payload.status_list;
  const packed = inflateSync(Buffer.from(lst, "base64url"), { maxOutputLength: 16 * 1024 * 1024 });
  const values = request.indices.map((index) => {
    const byte = Math.floor((index * bits) / 8);
    if (byte >= packed.length) throw new Error("index_out_of_range");
    return (packed[byte] >> ((index * bits) % 8)) & ((1 << bits) - 1);
  });
  return { values, ttl: payload.ttl };
}

console.log(JSON.stringify(await read().catch((error) => ({ refused: error.code ?? error.message }))));
