// Signs a person in with openid-client: prints where their browser goes, reads where it comes back, prints who it is.

import { createInterface } from "node:readline";
import * as client from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

// Once, when the app starts. Without a secret it is a public app, and PKCE alone shows that it is the same one.
const authentication = CLIENT_SECRET ? client.ClientSecretBasic(CLIENT_SECRET) : client.None();
const execute = [client.enableNonRepudiationChecks]; // the signature of ID tokens is checked too
if (ISSUER.startsWith("http:")) execute.push(client.allowInsecureRequests); // an issuer on this very machine
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, authentication, { execute });

// For each sign-in. What is expected of the answer belongs into the session of the browser that is sent off.
const expected = {
  pkceCodeVerifier: client.randomPKCECodeVerifier(),
  expectedState: client.randomState(),
  expectedNonce: client.randomNonce(),
};
const authorize = client.buildAuthorizationUrl(config, {
  redirect_uri: REDIRECT_URI,
  scope: "openid profile email offline_access",
  state: expected.expectedState,
  nonce: expected.expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(expected.pkceCodeVerifier),
  code_challenge_method: "S256",
});
console.log(authorize.href);

// For each browser that comes back. The library compares `state` and `iss`, and verifies the ID token.
async function callback(url) {
  const tokens = await client.authorizationCodeGrant(config, new URL(url), expected);
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  // Later, when the access token has expired: both tokens are new, the old ones are not kept.
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  const logout = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: new URL("/", REDIRECT_URI).href,
  });
  return { claims, userinfo, tokens, refreshed, logout };
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await callback(line).catch((error) => ({ refused: error.error ?? error.cause?.message ?? error.message }));
  console.log(JSON.stringify(said));
}
