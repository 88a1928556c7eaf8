// A service that checks tokens with express-oauth2-jwt-bearer, and answers with their claims.

import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";

const { ISSUER, AUDIENCE, PORT, ALG = "ES256", TYP = "at+jwt" } = process.env;
const { JWKS_MAX_AGE = 300, JWKS_PAUSE = 30 } = process.env; // in seconds

const app = express();

// It finds the rest by itself, at the first request. `strict` asks for `at+jwt` and the claims of RFC 9068.
app.use(
  auth({
    issuerBaseURL: ISSUER,
    audience: AUDIENCE,
    tokenSigningAlg: ALG,
    strict: TYP === "at+jwt",
    cacheMaxAge: JWKS_MAX_AGE * 1000,
    cooldownDuration: JWKS_PAUSE * 1000,
  }),
);

app.get("/", requiredScopes("orders:read"), (request, response) => {
  response.json(request.auth.payload);
});

// What is no fault of the token is one of the keys: they can't be had.
app.use((error, request, response, next) => {
  response.status(error.status ?? 503).set(error.headers ?? {}).end();
});

app.listen(PORT, "127.0.0.1");
