// Signs a person in with oauth4webapi: prints where their browser goes, reads where it comes back, prints who it is.

import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

// Once, when the app starts. Without a secret it is a public app, and PKCE alone shows that it is the same one.
const issuer = new URL(ISSUER);
const options = { [oauth.allowInsecureRequests]: issuer.protocol === "http:" }; // an issuer on this very machine
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
const client = { client_id: CLIENT_ID };
const authentication = CLIENT_SECRET ? oauth.ClientSecretPost(CLIENT_SECRET) : oauth.None();

// For each sign-in. These three belong into the session of the browser that is sent off.
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const authorize = new URL(server.authorization_endpoint);
authorize.search = new URLSearchParams({
  client_id: CLIENT_ID,
  redirect_uri: REDIRECT_URI,
  response_type: "code",
  scope: "openid profile email offline_access",
  state,
  nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
console.log(authorize.href);

// For each browser that comes back. The library compares `state` and `iss`.
async function callback(url) {
  const answer = oauth.validateAuthResponse(server, client, new URL(url), state);
  const ask = [server, client, authentication];
  let response = await oauth.authorizationCodeGrantRequest(...ask, answer, REDIRECT_URI, verifier, options);
  const expected = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
  await oauth.validateApplicationLevelSignature(server, response, options);
  const claims = oauth.getValidatedIdTokenClaims(tokens);

  response = await oauth.userInfoRequest(server, client, tokens.access_token, options);
  const userinfo = await oauth.processUserInfoResponse(server, client, claims.sub, response);

  // Later, when the access token has expired: both tokens are new, the old ones are not kept.
  response = await oauth.refreshTokenGrantRequest(...ask, tokens.refresh_token, options);
  const refreshed = await oauth.processRefreshTokenResponse(server, client, response);

  const logout = new URL(server.end_session_endpoint);
  const post_logout_redirect_uri = new URL("/", REDIRECT_URI).href;
  logout.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri });
  return { claims, userinfo, tokens, refreshed, logout };
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await callback(line).catch((error) => ({ refused: error.error ?? error.message }));
  console.log(JSON.stringify(said));
}
