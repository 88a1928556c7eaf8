// Verifies tokens on standard input, one a line, as a service in JavaScript does. Prints the claims of each.

import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, audience, typ = "at+jwt"] = process.argv.slice(2);

// Once, when the service starts. The set keeps the keys, and asks again for one that it does not know.
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), { cacheMaxAge: 300_000 });

// For each request. The algorithm is the key's: jose uses no key for another than its `alg`.
async function verify(token) {
  const requiredClaims = ["exp", "iat", "sub", "jti", "client_id"];
  const { payload } = await jwtVerify(token, keys, { issuer, audience, typ, requiredClaims });
  return payload;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await verify(line.trim())));
}
