// A wallet by @openid4vc/openid4vp that shows credentials by @sd-jwt and @auth0/mdl. Reads a list of jobs in JSON from its
// input, one after another: {"link" (as the relying party shows it), "root" (PEM), "credential" (of mdoc a DeviceResponse
// without a device's signature, in base64url), "query" (id in the DCQL query), "key" (private JWK), "signed_for"? (what is
// signed instead of the request's client_id, nonce or response_uri, of an SD-JWT "later": seconds after now; of an mdoc
// "thumbprint": base64url or null), "withheld"? (one disclosure is left out after signing), "again"? (posts the same answer
// twice)};
// answers with a list: {"ok", "error"?, "version", "client" (prefix), "name", "mode", "asked" (the query), "status", "body",
//  "second"? (status of the second post)}.
import { createHash, X509Certificate } from "node:crypto";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { DataItem, DeviceResponse, parse } from "@auth0/mdl";
import { setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { digest, ES256, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import * as jose from "jose";

setGlobalConfig({ allowInsecureUrls: true }); // the platform under test listens on 127.0.0.1
const { encode } = createRequire(import.meta.url)("cbor-x");
const sha256 = (data) => createHash("sha256").update(data).digest();

function callbacks(root) {
  return {
    fetch: globalThis.fetch,
    hash: (data, alg) => createHash(alg.replace("-", "")).update(data).digest(),
    getX509CertificateMetadata: (certificate) => {
      const names = new X509Certificate(Buffer.from(certificate, "base64")).subjectAltName ?? "";
      return { sanDnsNames: [...names.matchAll(/DNS:([^,\s]+)/g)].map((each) => each[1]), sanUriNames: [] };
    },
    verifyJwt: async (signer, { compact }) => {
      const leaf = new X509Certificate(Buffer.from(signer.x5c[0], "base64"));
      if (!leaf.verify(new X509Certificate(root).publicKey)) throw new Error("the reader's certificate is not of this root");
      await jose.compactVerify(compact, leaf.publicKey);
      return { verified: true, signerJwk: await jose.exportJWK(leaf.publicKey) };
    },
    encryptJwe: async (encryptor, data) => {
      const key = await jose.importJWK(encryptor.publicJwk, encryptor.alg);
      const jwe = await new jose.CompactEncrypt(Buffer.from(data))
        .setProtectedHeader({ alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid }).encrypt(key);
      return { jwe, encryptionJwk: encryptor.publicJwk };
    },
    signJwt: async () => { throw new Error("answers are not signed"); },
    decryptJwe: async () => { throw new Error("requests are not encrypted"); },
  };
}

// Of a set of claims the first is the one the reader likes best; what this credential lacks is left out.
const frameOf = (claims) => claims.reduce((frame, { path: [first, second] }) => {
  frame[first] = second === undefined ? true : { ...frame[first], [second]: true };
  return frame;
}, {});

async function sdJwt(job, query, signedFor) {
  const instance = new SDJwtVcInstance({
    hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt, kbSigner: await ES256.getSigner(job.key), kbSignAlg: "ES256",
  });
  const iat = Math.floor(Date.now() / 1000) + (signedFor.later ?? 0);
  const shown = await instance.present(job.credential, frameOf(query.claims ?? []), {
    kb: { payload: { iat, aud: signedFor.client_id, nonce: signedFor.nonce } },
  });
  return job.withheld ? shown.replace(/~[^~]+/, "") : shown;
}

async function mdoc(job, query, signedFor) {
  const { client_id: client, nonce, response_uri: uri } = signedFor;
  const thumbprint = signedFor.thumbprint ? Buffer.from(signedFor.thumbprint, "base64url") : null;
  const handover = ["OpenID4VPHandover", sha256(encode([client, nonce, thumbprint, uri]))];
  const transcript = encode(DataItem.fromData([null, null, handover]));
  const fields = query.claims.map(({ path: [namespace, element] }) => ({ path: [`$['${namespace}']['${element}']`], intent_to_retain: true }));
  const shown = await DeviceResponse.from(parse(Buffer.from(job.credential, "base64url")))
    .usingPresentationDefinition({ id: "asked", input_descriptors: [{
      id: query.meta.doctype_value, format: { mso_mdoc: { alg: ["ES256"] } }, constraints: { limit_disclosure: "required", fields },
    }] })
    .usingSessionTranscriptBytes(transcript)
    .authenticateWithSignature(job.key, "ES256")
    .sign();
  return shown.encode().toString("base64url");
}

async function presented(job) {
  const client = new Openid4vpClient({ callbacks: callbacks(job.root) });
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: job.link });
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: params, wallet: { metadata: { vp_formats_supported: {} } },
  });
  const request = resolved.authorizationRequestPayload;
  const query = request.dcql_query.credentials.find((each) => each.id === job.query);
  const [jwk] = request.client_metadata.jwks?.keys ?? [];
  const { client_id, nonce, response_uri } = request;
  const thumbprint = jwk ? await jose.calculateJwkThumbprint(jwk) : null;
  const signedFor = { client_id, nonce, response_uri, thumbprint, ...job.signed_for };
  const shown = await (query.format === "mso_mdoc" ? mdoc : sdJwt)(job, query, signedFor);
  const isEncrypted = request.response_mode === "direct_post.jwt";
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: { vp_token: { [job.query]: [shown] } },
    ...(isEncrypted ? { jarm: {
      encryption: { nonce: "unused" },
      serverMetadata: {
        authorization_signing_alg_values_supported: [],
        authorization_encryption_alg_values_supported: ["ECDH-ES"],
        authorization_encryption_enc_values_supported: ["A256GCM"],
      },
    } } : {}),
  });
  const submit = async () => {
    try {
      const { response: answer } = await client.submitOpenid4vpAuthorizationResponse({
        authorizationRequestPayload: request, authorizationResponsePayload: response.authorizationResponsePayload, jarm: response.jarm,
      });
      return { status: answer.status, body: await answer.clone().json() };
    } catch (error) {
      const answer = error.response?.response ?? error.response;
      if (!answer?.status) throw error;
      return { status: answer.status, body: await answer.clone().json() };
    }
  };
  const first = await submit();
  return {
    ...first, second: job.again ? (await submit()).status : undefined, version: resolved.version, client: resolved.client.prefix,
    name: resolved.client.clientMetadata?.client_name, mode: request.response_mode, asked: query,
  };
}

const answers = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    answers.push({ ok: true, ...(await presented(job)) });
  } catch (error) {
    answers.push({ ok: false, error: `${error.name}: ${String(error.message ?? error).slice(0, 600)} ${error.cause ?? ""}` });
  }
}
console.log(JSON.stringify(answers));
