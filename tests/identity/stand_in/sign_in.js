// What openid-client makes of an OpenID provider. Reads a list of requests in JSON from its input:
// {"issuer", "client_id", "key"? (a private JWK with its kid) or "secret"?, "redirect_uri", "scope", "pushed", "dpop",
//  "cookie"? (of a browser that is signed in), "claims"? (ticked on the page), "algorithm"? (the one expected of tokens)};
// answers with a list on its output: {"ok", "error"?, "steps": {…}}. In `steps` a refusal is the code of who refused: of
// the provider, or of openid-client.
import { readFileSync } from "node:fs";
import * as client from "openid-client";
import { importJWK } from "jose";

async function configured(request) {
  const metadata = request.algorithm ? { id_token_signed_response_alg: request.algorithm } : {};
  let proof;
  if (request.key) proof = client.PrivateKeyJwt({ key: await importJWK(request.key, "ES256"), kid: request.key.kid });
  else proof = client.ClientSecretBasic(request.secret);
  const config = await client.discovery(new URL(request.issuer), request.client_id, metadata, proof, {
    execute: [client.allowInsecureRequests], // the server of a test has no certificate
  });
  config[client.customFetch] = (url, options) => {
    const headers = new Headers(options.headers);
    if (wire.proof && headers.has("dpop")) headers.set("dpop", wire.proof);
    wire.last = { url, options: { ...options, headers } };
    return fetch(url, wire.last.options);
  };
  return config;
}

const THIEF = "https://thief.example/back";
// What went out last; and a proof that is sent in place of each new one, if any.
const wire = { last: null, proof: null };

async function withProof(proof, ask) {
  wire.proof = proof;
  try {
    return await refusal(ask());
  } finally {
    wire.proof = null;
  }
}

// The very same request again, with the very same proof.
async function again({ url, options }) {
  const answer = await fetch(url, options);
  if (answer.ok) return "taken";
  return /error="([^"]+)"/.exec(answer.headers.get("www-authenticate"))?.[1] ?? (await answer.json()).error;
}

// The resident's browser: follows redirects, says yes on a page that asks, and tells where it ends up.
async function browse(address, request) {
  const jar = new Map((request.cookie ? [request.cookie] : []).map((each) => each.split(/=(.*)/s)));
  const ask = async (url, options = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { redirect: "manual", ...options, headers: { cookie, ...options.headers } });
    for (const each of answer.headers.getSetCookie()) jar.set(...each.split(";")[0].split(/=(.*)/s));
    return answer;
  };
  for (let hop = 0; hop < 10; hop++) {
    let answer = await ask(address);
    if (answer.status === 200) {
      const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await answer.text())[1];
      const form = new URLSearchParams({ csrfmiddlewaretoken: token, answer: "yes" });
      for (const each of request.claims ?? []) form.append("claims", each);
      const headers = { "content-type": "application/x-www-form-urlencoded", origin: new URL(address).origin };
      answer = await ask(address, { method: "POST", headers, body: form });
    }
    const location = answer.headers.get("location");
    if (!location) throw new Error(`the browser stands still at ${answer.status}`);
    address = new URL(location, address).href;
    if (address.startsWith(request.redirect_uri)) return new URL(address);
  }
  throw new Error("the browser goes round and round");
}

async function refusal(promise, told = (error) => error.error ?? error.code ?? String(error.message)) {
  try {
    await promise;
    return "taken";
  } catch (error) {
    return told(error);
  }
}

async function begun(config, request, handle) {
  const verifier = client.randomPKCECodeVerifier();
  const [nonce, state] = [client.randomNonce(), client.randomState()];
  const parameters = {
    redirect_uri: request.redirect_uri, scope: request.scope, nonce, state, max_age: "3600",
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  };
  const address = request.pushed
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP: handle })
    : client.buildAuthorizationUrl(config, parameters);
  const answer = await browse(address.href, request);
  const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, maxAge: 3600 };
  return { answer, checks, asked: [...address.searchParams.keys()].sort() };
}

const changed = (url, name, value) => {
  const other = new URL(url);
  other.searchParams.set(name, value);
  return other;
};

async function driven(request) {
  const steps = {};
  try {
    const config = await configured(request);
    const handle = request.dpop ? client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256")) : undefined;
    const grant = (url, checks) => client.authorizationCodeGrant(config, url, checks, undefined, { DPoP: handle });
    const one = await begun(config, request, handle);
    steps.asked = one.asked;
    steps.foreign_iss = await refusal(grant(changed(one.answer, "iss", "https://thief.example"), one.checks));
    steps.foreign_state = await refusal(grant(changed(one.answer, "state", "other"), one.checks));
    steps.foreign_redirect = await refusal(begun(config, { ...request, redirect_uri: THIEF }, handle));
    steps.foreign_redirect_at_token = await refusal(grant(new URL(one.answer.search, THIEF), one.checks));
    steps.wrong_verifier = await refusal(grant(one.answer, { ...one.checks, pkceCodeVerifier: "x".repeat(43) }));
    if (request.algorithm) {
      steps.algorithm = await refusal(grant(one.answer, one.checks), (error) => error.cause?.message ?? error.message);
      return { ok: true, steps };
    }
    const tokens = await grant(one.answer, one.checks);
    const spent = wire.last.options.headers.get("dpop");
    const claims = tokens.claims();
    steps.token_type = tokens.token_type;
    steps.sub = claims.sub;
    steps.claims = Object.keys(claims).sort();
    const userinfo = (token, sub, dpop = handle) => client.fetchUserInfo(config, token, sub, dpop ? { DPoP: dpop } : {});
    steps.told = await userinfo(tokens.access_token, claims.sub);
    steps.foreign_sub = await refusal(userinfo(tokens.access_token, "somebody"));
    if (request.dpop) {
      await userinfo(tokens.access_token, claims.sub);
      steps.proof_again = await again(wire.last);
      steps.without_proof = await refusal(userinfo(tokens.access_token, claims.sub, null));
    }
    steps.code_again = await refusal(grant(one.answer, one.checks));
    steps.after_replay = await refusal(userinfo(tokens.access_token, claims.sub));
    const two = await begun(config, request, handle);
    steps.wrong_nonce = await refusal(grant(two.answer, { ...two.checks, expectedNonce: "other" }));
    const three = await begun(config, request, handle);
    steps.same_sub = (await grant(three.answer, three.checks)).claims().sub === claims.sub;
    if (request.dpop) {
      const four = await begun(config, request, handle);
      steps.proof_again_at_token = await withProof(spent, () => grant(four.answer, four.checks));
    }
    return { ok: true, steps };
  } catch (error) {
    return { ok: false, error: `${error.message} ${error.error ?? ""} ${error.cause?.message ?? ""}`, steps };
  }
}

const answers = [];
for (const request of JSON.parse(readFileSync(0, "utf8"))) answers.push(await driven(request));
process.stdout.write(JSON.stringify(answers));
