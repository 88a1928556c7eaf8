// A service that checks tokens with fast-jwt, with keys from jwks-rsa, and answers with their claims.

import { createServer } from "node:http";
import { TokenError, createVerifier } from "fast-jwt";
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
const check = createVerifier({
  key: async ({ header }) => (await keys.getSigningKey(header.kid)).getPublicKey(),
  algorithms: [ALG],
  checkTyp: TYP,
  allowedIss: ISSUER,
  allowedAud: AUDIENCE,
  requiredClaims: ["iss", "aud", "exp", "iat", "sub", "jti", "client_id"],
});

// For each request.
async function verify(authorization = "") {
  const [, token] = authorization.match(/^Bearer (\S+)$/i) ?? [];
  if (!token) return [401];
  try {
    const claims = await check(token);
    return (claims.scope ?? "").split(" ").includes("orders:read") ? [200, claims] : [403];
  } catch (error) {
    const unknown = error.originalError?.name === "SigningKeyNotFoundError";
    return [error.code === TokenError.codes.keyFetchingError && !unknown ? 503 : 401]; // 503: the keys can't be had
  }
}

createServer(async (request, response) => {
  const [status, claims] = await verify(request.headers.authorization);
  response.writeHead(status, status === 401 ? { "WWW-Authenticate": "Bearer" } : {});
  response.end(JSON.stringify(claims));
}).listen(PORT, "127.0.0.1");
