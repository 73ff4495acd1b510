// An OpenID provider for tests: whoever comes is signed in as the person that `login_hint` names, and agrees.
// node provider.js PORT BACK : prints one line when it listens.
import { generateKeyPairSync } from "node:crypto";
import http from "node:http";
import { Provider } from "oidc-provider";

const [port, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const PEOPLE = {
  ming: { name: "王小明", birthdate: "1990-05-01", document_kind: "hrp", document_number: "H12345678" },
  nobody: { name: "无证者", birthdate: "1990-05-01" },
};
const keys = [
  { ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "es" },
  { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "rs" },
];
const client = (name, alg) => ({
  client_id: `client-${name}`,
  client_secret: "a-secret-of-the-stand-in-that-is-long-enough",
  redirect_uris: [back],
  id_token_signed_response_alg: alg,
});
const provider = new Provider(issuer, {
  clients: [client("es", "ES256"), client("rs", "RS256")],
  jwks: { keys },
  acrValues: ["L3"],
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  claims: { openid: ["sub", "acr"], profile: ["name", "birthdate", "document_kind", "document_number"] },
  interactions: { url: (ctx, interaction) => `/as/${interaction.uid}` },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, acr: "L3", ...PEOPLE[id] }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
http
  .createServer(async (request, response) => {
    if (!request.url.startsWith("/as/")) return answer(request, response);
    const details = await provider.interactionDetails(request, response);
    const login = { accountId: details.params.login_hint ?? "ming", acr: "L3", remember: false };
    return provider.interactionFinished(request, response, { login });
  })
  .listen(Number(port), "127.0.0.1", () => console.log("listening"));
