// What @openid4vc/oauth2 makes of our authorization server. Reads a list of requests in JSON from its input:
// {"issuer", "client_id", "cookie" (of a browser that is signed in), "person" (whose permit), "scope", "redirect_uri",
//  "resource" (a protected address), "offer"? ({"code", "tx_code"}: instead of the browser),
//  "attestation"? ({"jwt", "key"}: a client attestation and the private JWK of its installation)};
// answers with a list on its output: {"ok", "error"?, "steps": {…}}.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  clientAuthenticationAnonymous,
  clientAuthenticationClientAttestationJwt,
  clientAuthenticationNone,
  Oauth2Client,
  setGlobalConfig,
} from "@openid4vc/oauth2";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";

setGlobalConfig({ allowInsecureUrls: true }); // the server of a test has no certificate

async function newKey() {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return { privateJwk: await exportJWK(privateKey), publicJwk: await exportJWK(publicKey) };
}

function clientOf(request, keys) {
  const callbacks = {
    fetch,
    hash: (data, name) => new Uint8Array(createHash(name.replace("-", "")).update(data).digest()),
    generateRandom: (bytes) => new Uint8Array(randomBytes(bytes)),
    signJwt: async (signer, { header, payload }) => {
      const pair = keys.find((each) => each.publicJwk.x === signer.publicJwk.x);
      const key = await importJWK(pair.privateJwk, "ES256");
      const jwt = await new SignJWT(payload).setProtectedHeader(header).sign(key);
      return { jwt, signerJwk: signer.publicJwk };
    },
  };
  callbacks.clientAuthentication = request.attestation
    ? clientAuthenticationClientAttestationJwt({ callbacks, clientAttestationJwt: request.attestation.jwt })
    : request.offer
      ? clientAuthenticationAnonymous()
      : clientAuthenticationNone({ clientId: request.client_id });
  return { client: new Oauth2Client({ callbacks }), callbacks };
}

// The resident's browser: opens the page of consent, says yes, and tells where it is sent.
async function consent(address, request) {
  const shown = await fetch(address, { headers: { cookie: request.cookie }, redirect: "manual" });
  const page = await shown.text();
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)[1];
  const csrf = shown.headers.getSetCookie().map((each) => each.split(";")[0]);
  const form = new URLSearchParams({ csrfmiddlewaretoken: token, person: request.person, answer: "yes" });
  if (page.includes('name="knows_risk"')) form.set("knows_risk", "on");
  const answered = await fetch(address, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: [request.cookie, ...csrf].join("; "), "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });
  return answered.headers.get("location");
}

async function refusal(promise) {
  try {
    await promise;
    return "taken";
  } catch (error) {
    return error.errorResponse?.error ?? String(error.message);
  }
}

async function tokensByBrowser(client, callbacks, metadata, request, dpop, steps) {
  const state = "s-" + randomBytes(6).toString("hex");
  const begun = await client.initiateAuthorization({
    authorizationServerMetadata: metadata,
    clientId: request.client_id,
    redirectUri: request.redirect_uri,
    scope: request.scope,
    resource: request.issuer,
    state,
    dpop,
  });
  steps.asked = [...new URL(begun.authorizationRequestUrl).searchParams.keys()].sort();
  const answer = client.parseAuthorizationResponseRedirectUrl({ url: await consent(begun.authorizationRequestUrl, request) });
  client.verifyAuthorizationResponse({ authorizationServerMetadata: metadata, authorizationResponse: answer });
  steps.same_state = answer.state === state;
  const exchange = (verifier) => client.retrieveAuthorizationCodeAccessToken({
    authorizationServerMetadata: metadata,
    authorizationCode: answer.code,
    pkceCodeVerifier: verifier,
    redirectUri: request.redirect_uri,
    dpop: begun.dpop ?? dpop,
  });
  steps.wrong_verifier = await refusal(exchange("x".repeat(43)));
  const given = await exchange(begun.pkce.codeVerifier);
  return { given, again: () => exchange(begun.pkce.codeVerifier) };
}

async function tokensByOffer(client, metadata, request, dpop, steps) {
  const exchange = (txCode) => client.retrievePreAuthorizedCodeAccessToken({
    authorizationServerMetadata: metadata,
    preAuthorizedCode: request.offer.code,
    txCode,
    dpop,
  });
  steps.wrong_tx_code = await refusal(exchange(request.offer.tx_code === "000000" ? "000001" : "000000"));
  const given = await exchange(request.offer.tx_code);
  return { given, again: () => exchange(request.offer.tx_code) };
}

async function driven(request) {
  const steps = {};
  try {
    const key = await newKey();
    const keys = [key];
    if (request.attestation) {
      const { d, ...publicJwk } = request.attestation.key;
      keys.push({ privateJwk: request.attestation.key, publicJwk });
    }
    const { client, callbacks } = clientOf(request, keys);
    const metadata = await client.fetchAuthorizationServerMetadata(request.issuer);
    steps.dpop = client.isDpopSupported({ authorizationServerMetadata: metadata }).supported;
    steps.attestation = client.isClientAttestationSupported({ authorizationServerMetadata: metadata }).supported;
    const dpop = { signer: { method: "jwk", alg: "ES256", publicJwk: key.publicJwk } };
    const { given, again } = request.offer
      ? await tokensByOffer(client, metadata, request, dpop, steps)
      : await tokensByBrowser(client, callbacks, metadata, request, dpop, steps);
    const tokens = given.accessTokenResponse;
    steps.token_type = tokens.token_type;
    const ask = (accessToken, proof) => client.resourceRequest({
      url: request.resource,
      requestOptions: { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
      accessToken,
      callbacks,
      dpop: proof,
    });
    steps.resource = (await ask(tokens.access_token, given.dpop ?? dpop)).response.status;
    steps.resource_as_bearer = (await ask(tokens.access_token)).response.status;
    const refresh = (refreshToken) => client.retrieveRefreshTokenAccessToken({
      authorizationServerMetadata: metadata,
      refreshToken,
      dpop: given.dpop ?? dpop,
    });
    const renewed = (await refresh(tokens.refresh_token)).accessTokenResponse;
    steps.resource_renewed = (await ask(renewed.access_token, given.dpop ?? dpop)).response.status;
    steps.code_again = await refusal(again());
    steps.resource_after_replay = (await ask(renewed.access_token, given.dpop ?? dpop)).response.status;
    steps.refresh_after_replay = await refusal(refresh(renewed.refresh_token));
    return { ok: true, steps };
  } catch (error) {
    return { ok: false, error: `${error.message} ${JSON.stringify(error.errorResponse ?? "")}`, steps };
  }
}

const answers = [];
for (const request of JSON.parse(readFileSync(0, "utf8"))) answers.push(await driven(request));
process.stdout.write(JSON.stringify(answers));
