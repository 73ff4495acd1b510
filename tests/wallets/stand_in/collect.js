// A wallet by @openid4vc/openid4vci and @openid4vc/oauth2. Reads a list of jobs in JSON from its input, one after another:
// {"offer", "configuration", "keys" (how many copies), "tx_code"?, "session"? (the resident's cookie: then the authorization
//  code with PAR, PKCE and DPoP, and the resident says yes on the page), "event"? (what the wallet tells), "signed"? (asks
//  for signed metadata), "transaction"? with "token" and "dpop_key" (collects what was deferred), "refresh"? (a token)};
// answers with a list: {"ok", "error"?, "version", "status", "credentials", "keys" (private JWKs), "token", "refresh",
//  "dpop_key", "transaction"?, "interval"?, "notification"?, "notified"?, "signed"?}. The error is the server's own where it said one.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import * as jose from "jose";
import {
  clientAuthenticationAnonymous, clientAuthenticationNone, Oauth2Client, setGlobalConfig,
} from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";

setGlobalConfig({ allowInsecureUrls: true }); // the platform under test listens on 127.0.0.1
const REDIRECT = "http://127.0.0.1:1/wallet";
const CLIENT = "https://wallet.example";

async function newKey() {
  const { privateKey, publicKey } = await jose.generateKeyPair("ES256", { extractable: true });
  return { private: await jose.exportJWK(privateKey), public: await jose.exportJWK(publicKey) };
}

const signerOf = (key) => ({ method: "jwk", alg: "ES256", publicJwk: key.public });

function callbacks(known, clientAuthentication) {
  return {
    fetch: globalThis.fetch,
    generateRandom: (bytes) => randomBytes(bytes),
    hash: (data, alg) => createHash(alg.replace("-", "")).update(data).digest(),
    signJwt: async (signer, { header, payload }) => {
      const key = known.find((each) => each.public.x === signer.publicJwk.x);
      const jwt = await new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(key.private, "ES256"));
      return { jwt, signerJwk: key.public };
    },
    verifyJwt: async (signer, { compact }) => {
      const jwk = signer.publicJwk ?? (await jose.exportJWK(await jose.importX509(pem(signer.x5c[0]), "ES256")));
      await jose.compactVerify(compact, await jose.importJWK(jwk, "ES256"));
      return { verified: true, signerJwk: jwk };
    },
    decryptJwe: async () => { throw new Error("nothing is encrypted here"); },
    encryptJwe: async () => { throw new Error("nothing is encrypted here"); },
    clientAuthentication,
  };
}

const pem = (der) => `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----`;

// The client itself names no media type.
const signedFor = (address) => (String(address).includes("openid-credential-issuer") ? "application/jwt" : "application/json");

// The resident, signed in, says yes on the platform's page; the browser would follow to the wallet.
async function sayYes(address, session) {
  const first = await fetch(address, { headers: { Cookie: session }, redirect: "manual" });
  const page = await first.text();
  const csrf = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)?.[1];
  if (!csrf) throw new Error(`no page of consent: ${first.status} ${page.slice(0, 300)}`);
  const person = /name="person" value="([^"]+)"/.exec(page)?.[1];
  const cookie = first.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
  const form = new URLSearchParams({ csrfmiddlewaretoken: csrf, answer: "yes", ...(person ? { person } : {}) });
  if (page.includes('name="knows_risk"')) form.set("knows_risk", "on");
  const answer = await fetch(address, {
    method: "POST", body: form, redirect: "manual",
    headers: { Cookie: `${session}; ${cookie}`, Origin: new URL(address).origin, Referer: address },
  });
  if (![302, 303].includes(answer.status)) throw new Error(`not allowed: ${answer.status}`);
  return answer.headers.get("location");
}

async function collected(job) {
  const dpopKey = job.dpop_key ?? (await newKey());
  const keys = await Promise.all(Array.from({ length: job.keys ?? 1 }, newKey));
  const known = [dpopKey, ...keys];
  const answer = { dpop_key: dpopKey, keys: keys.map((key) => key.private) };
  const isNamed = job.session || job.refresh;
  const authenticate = isNamed ? clientAuthenticationNone({ clientId: CLIENT }) : clientAuthenticationAnonymous();
  const client = new Openid4vciClient({ callbacks: callbacks(known, authenticate) });
  const unverified = callbacks(known, authenticate);
  if (job.signed) unverified.fetch = (address, more) => fetch(address, { ...more, headers: { ...more?.headers, Accept: signedFor(address) } });
  const offer = await client.resolveCredentialOffer(job.offer);
  const issuerMetadata = await new Openid4vciClient({ callbacks: unverified }).resolveIssuerMetadata(offer.credential_issuer);
  answer.version = issuerMetadata.originalDraftVersion;
  answer.signed = Boolean(issuerMetadata.signedCredentialIssuer);
  answer.known = Object.keys(issuerMetadata.knownCredentialConfigurations);
  const dpop = { signer: signerOf(dpopKey) };
  const scope = issuerMetadata.credentialIssuer.credential_configurations_supported[job.configuration]?.scope;
  let token = job.token;
  if (job.session) {
    const { authorizationRequestUrl, pkce, authorizationServer } = await client.createAuthorizationRequestUrlFromOffer({
      credentialOffer: offer, issuerMetadata, clientId: CLIENT, redirectUri: REDIRECT, scope, dpop,
    });
    answer.pushed = authorizationRequestUrl.includes("request_uri=");
    const back = await sayYes(authorizationRequestUrl, job.session);
    const said = Object.fromEntries(new URL(back).searchParams);
    answer.authorized = { iss: said.iss, server: authorizationServer };
    const given = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
      issuerMetadata, credentialOffer: offer, authorizationCode: said.code, pkceCodeVerifier: pkce.codeVerifier,
      redirectUri: REDIRECT, dpop, additionalRequestPayload: { client_id: CLIENT },
    });
    Object.assign(answer, { refresh: given.accessTokenResponse.refresh_token });
    token = given.accessTokenResponse.access_token;
  } else if (job.refresh) {
    const given = await new Oauth2Client({ callbacks: callbacks(known, authenticate) }).retrieveRefreshTokenAccessToken({
      authorizationServerMetadata: issuerMetadata.authorizationServers[0], refreshToken: job.refresh, dpop,
    });
    answer.refresh = given.accessTokenResponse.refresh_token;
    token = given.accessTokenResponse.access_token;
  } else if (!token) {
    const given = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: offer, issuerMetadata, txCode: job.tx_code, dpop,
    });
    Object.assign(answer, { refresh: given.accessTokenResponse.refresh_token });
    token = given.accessTokenResponse.access_token;
  }
  answer.token = token;
  if (job.transaction) {
    const { deferredCredentialResponse: response } = await client.retrieveDeferredCredentials({
      issuerMetadata, accessToken: token, dpop, transactionId: job.transaction,
    });
    return shown(answer, response);
  }
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const jwt = [];
  for (const key of keys) {
    const proof = await client.createCredentialRequestJwtProof({
      issuerMetadata, credentialConfigurationId: job.configuration, signer: signerOf(key), nonce, issuedAt: new Date(),
      ...(job.session ? { clientId: CLIENT } : {}),
    });
    jwt.push(proof.jwt);
  }
  const { credentialResponse: response } = await client.retrieveCredentials({
    issuerMetadata, accessToken: token, dpop, credentialConfigurationId: job.configuration, proofs: { jwt },
  });
  shown(answer, response);
  if (job.event && response.notification_id) {
    const told = await client.sendNotification({
      issuerMetadata, accessToken: token, dpop, notification: { notificationId: response.notification_id, event: job.event },
    });
    answer.notified = told.response.status;
  }
  return answer;
}

function shown(answer, response) {
  answer.credentials = response.credentials?.map((each) => each.credential);
  Object.assign(answer, { transaction: response.transaction_id, interval: response.interval, notification: response.notification_id });
  return answer;
}

// The server's own word, where the client carries its answer along.
async function wordOf(error) {
  const response = error.response?.response ?? error.response ?? error.errorResponse;
  if (error.errorResponse?.error) return error.errorResponse.error;
  try { return JSON.parse(await response.clone().text()).error; } catch { return undefined; }
}

const answers = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    answers.push({ ok: true, ...(await collected(job)) });
  } catch (error) {
    answers.push({ ok: false, error: (await wordOf(error)) ?? "", message: String(error.message ?? error).slice(0, 600) });
  }
}
console.log(JSON.stringify(answers));
