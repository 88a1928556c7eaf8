// An app that calls a service with a token that openid-client gets. It calls once for each line that it reads.

import { createInterface } from "node:readline";
import * as client from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, RESOURCE, SERVICE } = process.env;

// Once, when the app starts. The secret is the API key.
const execute = ISSUER.startsWith("http:") ? [client.allowInsecureRequests] : []; // an issuer on this very machine
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute });

// The library keeps no token, so the app does: until half a minute before it ends.
let kept;
async function token() {
  if (!kept || kept.expiresIn() < 30) {
    kept = await client.clientCredentialsGrant(config, { scope: "orders:read", resource: RESOURCE });
  }
  return kept.access_token;
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
