// An app that calls a service with a token that oauth4webapi gets. It calls once for each line that it reads.

import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, RESOURCE, SERVICE } = process.env;

// Once, when the app starts. The secret is the API key.
const issuer = new URL(ISSUER);
const options = { [oauth.allowInsecureRequests]: issuer.protocol === "http:" }; // an issuer on this very machine
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
const client = { client_id: CLIENT_ID };
const authentication = oauth.ClientSecretPost(CLIENT_SECRET);

// The library keeps no token, so the app does: until half a minute before it ends.
let kept;
async function token() {
  if (!kept || kept.until < Date.now()) {
    const wish = new URLSearchParams({ scope: "orders:read", resource: RESOURCE });
    const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, wish, options);
    const tokens = await oauth.processClientCredentialsResponse(server, client, answer);
    kept = { token: tokens.access_token, until: Date.now() + (tokens.expires_in - 30) * 1000 };
  }
  return kept.token;
}

async function call() {
  const ask = async () => fetch(SERVICE, { headers: { Authorization: `Bearer ${await token()}` } });
  let answer = await ask();
  if (answer.status === 401) {
    kept = undefined; // the signing key was withdrawn, say
    answer = await ask();
  }
  return answer.status;
}

for await (const _ of createInterface({ input: process.stdin })) {
  console.log(await call().catch((error) => error.error ?? error.code ?? error.message));
}
