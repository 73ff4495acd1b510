// What sm-crypto says of SM2: reads one request in JSON from its input, answers on its output.
// {"act": "verify", "public", "signature", "data"} → {"valid"}; {"act": "sign", "data"} → {"public", "signature"};
// everything in hexadecimal, signatures as r and s, keys with the point's leading 04.
import { readFileSync } from "node:fs";
import sm from "sm-crypto";

const IDENTITY = "1234567812345678";
const request = JSON.parse(readFileSync(0, "utf8"));
const data = Array.from(Buffer.from(request.data, "hex"));
const options = { hash: true, der: false, userId: IDENTITY };

if (request.act === "verify") {
  const valid = sm.sm2.doVerifySignature(data, request.signature, request.public, { ...options, publicKey: request.public });
  console.log(JSON.stringify({ valid }));
} else {
  const pair = sm.sm2.generateKeyPairHex();
  const signature = sm.sm2.doSignature(data, pair.privateKey, { ...options, publicKey: pair.publicKey });
  console.log(JSON.stringify({ public: pair.publicKey, signature }));
}
