// A service that checks tokens with jsonwebtoken, with keys from jwks-rsa, and answers with their claims.

import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";

const { ISSUER, AUDIENCE, PORT, ALG = "ES256", TYP = "at+jwt" } = process.env;
const { JWKS_MAX_AGE = 300 } = process.env; // in seconds

// Once, when the service starts. Each key is kept by itself; an unknown one is asked for, ten times a minute at most.
const metadata = await (await fetch(`${ISSUER}/.well-known/openid-configuration`)).json();
const keys = jwksClient({
  jwksUri: metadata.jwks_uri,
  cache: true,
  cacheMaxAge: JWKS_MAX_AGE * 1000,
  rateLimit: true,
  jwksRequestsPerMinute: 10,
  timeout: 5000,
});
const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALG], complete: true };

// For each request.
async function verify(authorization = "") {
  const [, token] = authorization.match(/^Bearer (\S+)$/i) ?? [];
  const unverified = token && jwt.decode(token, { complete: true });
  // The library looks at neither `typ` nor for claims that are not there.
  if (unverified?.header.typ?.toLowerCase() !== TYP.toLowerCase()) return [401];
  let key;
  try {
    key = await keys.getSigningKey(unverified.header.kid);
  } catch (error) {
    return [error.name === "SigningKeyNotFoundError" ? 401 : 503]; // 503: the keys can't be had
  }
  try {
    const { payload } = jwt.verify(token, key.getPublicKey(), rules);
    if (!["exp", "iat", "sub", "jti", "client_id"].every((name) => name in payload)) return [401];
    return (payload.scope ?? "").split(" ").includes("orders:read") ? [200, payload] : [403];
  } catch {
    return [401];
  }
}

createServer(async (request, response) => {
  const [status, claims] = await verify(request.headers.authorization);
  response.writeHead(status, status === 401 ? { "WWW-Authenticate": "Bearer" } : {});
  response.end(JSON.stringify(claims));
}).listen(PORT, "127.0.0.1");
