// What @sd-jwt/sd-jwt-vc says of SD-JWT VCs. Reads a list of requests in JSON from its input:
// {"credential", "jwk" (the issuer's), "nonce"? (then a key binding is asked for), "now"? (seconds),
//  "status_list"? (the token of the list its status points to), "status_jwk"?, "type_metadata"? (by vct)};
// answers with a list on its output: {"ok", "error"?, "claims"?, "bound_to"? (what the key binding says), "types"?}.
import { readFileSync } from "node:fs";
import { digest, ES256, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";

async function checked(request) {
  const instance = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: "sha-256",
    saltGenerator: generateSalt,
    verifier: await ES256.getVerifier(request.jwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    statusListFetcher: async () => request.status_list,
    statusVerifier: request.status_jwk && (await ES256.getVerifier(request.status_jwk)),
    loadTypeMetadataFormat: Boolean(request.type_metadata),
    vctFetcher: async (vct) => request.type_metadata?.[vct],
  });
  try {
    const options = { currentDate: request.now, keyBindingNonce: request.nonce };
    const found = await instance.verify(request.credential, options);
    const types = found.typeMetadata?.mergedTypeMetadata?.display?.map((each) => each.locale);
    return { ok: true, claims: found.payload, bound_to: found.kb?.payload, types };
  } catch (error) {
    return { ok: false, error: String(error.message ?? error) };
  }
}

const requests = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await Promise.all(requests.map(checked))));
