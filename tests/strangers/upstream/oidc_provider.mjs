// `oidc-provider`, with one client and two people. What it keeps lies in a file, so that it can be stopped, and started
// again with other keys.

import { serve, settings } from "./peer.mjs";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const people = {
  ada: { name: "Ada Lovelace", email: "ada@acme.example", email_verified: true, groups: ["engines", "poets"] },
  bob: { name: "Bob", email: "bob@acme.example", email_verified: false, groups: [] },
};

const kept = existsSync(settings.store) ? JSON.parse(readFileSync(settings.store, "utf8")) : {};

class Keeper {
  constructor(model) {
    this.all = kept[model] ??= {};
  }

  write() {
    writeFileSync(settings.store, JSON.stringify(kept));
  }

  async upsert(id, payload) {
    this.all[id] = payload;
    this.write();
  }

  async find(id) {
    return this.all[id];
  }

  async findByUid(uid) {
    return Object.values(this.all).find((payload) => payload.uid === uid);
  }

  async consume(id) {
    this.all[id].consumed = Math.floor(Date.now() / 1000);
    this.write();
  }

  async destroy(id) {
    delete this.all[id];
    this.write();
  }

  async revokeByGrantId(grantId) {
    for (const [id, payload] of Object.entries(this.all)) {
      if (payload.grantId === grantId) delete this.all[id];
    }
    this.write();
  }
}

function key(alg) {
  const kinds = { RS256: ["rsa", { modulusLength: 2048 }], ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519"] };
  const { privateKey } = generateKeyPairSync(...kinds[alg]);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() };
}

await serve((issuer) => {
  const { client_id, client_secret, redirect_uri, auth_method, alg, more } = settings;
  const provider = new Provider(issuer, {
    adapter: Keeper,
    clients: [
      {
        client_id,
        client_secret: auth_method === "none" ? undefined : client_secret,
        redirect_uris: [redirect_uri],
        token_endpoint_auth_method: auth_method,
        id_token_signed_response_alg: alg,
      },
    ],
    clientAuthMethods: [auth_method],
    // It always has an RSA key, as most of its installations do.
    jwks: { keys: ["RS256", "ES256", "EdDSA"].map(key) },
    cookies: { keys: ["no secret"] },
    claims: { profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
    findAccount: (_, accountId) => {
      const claims = { sub: `${accountId}-1`, preferred_username: accountId, ...people[accountId] };
      return { accountId, claims: () => claims };
    },
    ...more,
  });
  return provider.callback();
});
