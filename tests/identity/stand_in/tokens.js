// oidc-provider with authorization codes to be exchanged, all in memory: for the bench `sign_in`.
// node tokens.js PORT BACK CHALLENGE CODES FILE : writes the codes to FILE, a JSON list, then prints one line.
// Its own store in memory forgets the oldest beyond a thousand; this one forgets nothing.
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const [port, back, challenge, codes, file] = process.argv.slice(2);

class Store {
  static kept = new Map();
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  async upsert(id, payload) { Store.kept.set(this.key(id), payload); }
  async find(id) { return Store.kept.get(this.key(id)); }
  async findByUid() { return undefined; }
  async findByUserCode() { return undefined; }
  async consume(id) { Store.kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { Store.kept.delete(this.key(id)); }
  async revokeByGrantId(id) {
    for (const [key, payload] of Store.kept) if (payload.grantId === id) Store.kept.delete(key);
  }
}

const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: Store,
  clients: [{
    client_id: "bench", client_secret: "a-secret-of-the-bench-that-is-long-enough-and-not-hashed", redirect_uris: [back],
    id_token_signed_response_alg: "ES256", token_endpoint_auth_method: "client_secret_post",
  }],
  jwks: { keys: [{ ...key, alg: "ES256", use: "sig", kid: "es" }] },
  pkce: { required: () => true },
  cookies: { keys: ["only for the bench"] },
  features: { devInteractions: { enabled: false } },
  ttl: { AuthorizationCode: 3600, Grant: 3600 },
  interactions: { url: () => "/none" },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
const client = await provider.Client.find("bench");
const made = [];
for (let n = 0; n < Number(codes); n++) {
  const accountId = `resident-${n % 16}`;
  const grant = new provider.Grant({ clientId: "bench", accountId });
  grant.addOIDCScope("openid");
  const grantId = await grant.save();
  const code = new provider.AuthorizationCode({
    client, accountId, grantId, redirectUri: back, scope: "openid", codeChallenge: challenge, codeChallengeMethod: "S256",
    nonce: "n-1", authTime: Math.floor(Date.now() / 1000), gty: "authorization_code",
  });
  made.push(await code.save());
}
writeFileSync(file, JSON.stringify(made));
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
