// A service that checks tokens with jose, and answers with their claims.

import { createServer } from "node:http";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const { ISSUER, AUDIENCE, PORT, ALG = "ES256", TYP = "at+jwt" } = process.env;
const { JWKS_MAX_AGE = 300, JWKS_PAUSE = 30 } = process.env; // in seconds

// Once, when the service starts. The set keeps the keys, and asks again for one that it does not know.
const metadata = await (await fetch(`${ISSUER}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
  cacheMaxAge: JWKS_MAX_AGE * 1000,
  cooldownDuration: JWKS_PAUSE * 1000,
});
const requiredClaims = ["exp", "iat", "sub", "jti", "client_id"];
const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALG], typ: TYP, requiredClaims };

// For each request.
async function verify(authorization = "") {
  const [, token] = authorization.match(/^Bearer (\S+)$/i) ?? [];
  if (!token) return [401];
  try {
    const { payload } = await jwtVerify(token, keys, rules);
    return (payload.scope ?? "").split(" ").includes("orders:read") ? [200, payload] : [403];
  } catch (error) {
    const ofTheKeys = ["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"];
    return [error instanceof errors.JOSEError && !ofTheKeys.includes(error.code) ? 401 : 503]; // 503: they can't be had
  }
}

createServer(async (request, response) => {
  const [status, claims] = await verify(request.headers.authorization);
  response.writeHead(status, status === 401 ? { "WWW-Authenticate": "Bearer" } : {});
  response.end(JSON.stringify(claims));
}).listen(PORT, "127.0.0.1");
