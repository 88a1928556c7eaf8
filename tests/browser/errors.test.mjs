// What a person sees when it does not work: what happened, what to do, and the code and the request to tell somebody.

import assert from "node:assert/strict";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { authorize, button, codeOf, heading, link, meetError, pick, signIn } from "./support/walk.mjs";

story("an app that nobody knows gets nobody", {}, async ({ house, page }) => {
  const code = await meetError(page, authorize(house, { client_id: "nobody" }), 400);

  await heading(page, "This app is not known here");
  await look(page, "error-unknown-app");
  const request = await page.locator("dt:text-is('Request') + dd").textContent();

  assert.equal(code, "unknown_app");
  assert.match(request, /^[0-9A-Za-z-]{16,}$/);
});

story("nobody is sent to an address that the app has not registered", {}, async ({ house, page }) => {
  const code = await meetError(page, authorize(house, { redirect_uri: `${house.service}/elsewhere` }), 400);

  await look(page, "error-unregistered-redirect");

  assert.deepEqual([code, new URL(page.url()).origin], ["unregistered_redirect", house.issuer]);
});

story("who picks nobody can try again", {}, async ({ house, page }) => {
  await page.goto(`${house.app}/login`);
  await button(page, "Continue with Demo provider").click();

  await button(page, "Cancel").click();
  await heading(page, "The sign-in was not finished");
  await look(page, "error-provider-refused");
  const code = await codeOf(page);
  await link(page, "Try again").click();
  await pick(page, "Ada Lovelace");

  await heading(page, "Let Demo act for you?");
  assert.equal(code, "provider_refused");
});

story("the way back from a provider can be gone once", {}, async ({ house, page }) => {
  const back = page.waitForRequest((request) => request.url().includes("/login/callback/"));
  await signIn(page, house);
  const spent = (await back).url();

  const code = await meetError(page, spent, 400);
  await look(page, "error-login-state");
  await page.goto(`${house.issuer}/account`);

  await heading(page, "Your account");
  assert.equal(code, "login_state");
});

story("the way back from a provider is no way in for another browser", {}, async ({ house, page, another }) => {
  await page.goto(`${house.app}/login`);
  const back = await stopBefore(page, "*/login/callback/*");
  await pick(page, "Ada Lovelace");
  const { page: thief } = await another();

  const code = await meetError(thief, await back.url(), 400);
  await thief.goto(`${house.issuer}/account`);

  await heading(thief, "Sign in to your account");
  assert.equal(code, "login_state");
});

story("a request that was answered is over", {}, async ({ house, page }) => {
  await page.goto(`${house.app}/login`);
  const waiting = page.url();
  await pick(page, "Ada Lovelace");
  await button(page, "Allow").click();
  await heading(page, "Signed in as Ada Lovelace");

  const code = await meetError(page, waiting, 400);
  await look(page, "error-request-expired");

  assert.equal(code, "request_expired");
});

story("a form from before the browser forgot its cookies changes nothing", {}, async ({ house, page, context }) => {
  await signIn(page, house);
  await page.goto(`${house.issuer}/account/keys/new`);
  await page.getByRole("textbox", { name: "Name" }).fill("late");
  await page.getByRole("checkbox", { name: /See your orders/ }).check();
  const browser = (await context.cookies()).find(({ name }) => name === "hallpass-browser");
  await context.clearCookies({ name: "hallpass-browser" });
  const other = await context.newPage();
  await other.goto(`${house.issuer}/login`);

  await button(page, "Make the key").click();
  await heading(page, "This form is too old");
  await look(page, "error-csrf");
  const late = await codeOf(page);
  await page.goto(`${house.issuer}/account/keys`);
  await page.getByText("No keys yet").waitFor();

  assert.notEqual(browser, undefined);
  assert.equal(late, "csrf");
});

story("a browser that keeps no cookies is told so", {}, async ({ house, page, context }) => {
  await page.goto(`${house.app}/login`);
  await context.clearCookies();

  await button(page, "Continue with Demo provider").click();
  await heading(page, "Your browser's cookies get in the way");
  await look(page, "error-cookies");

  assert.equal(await codeOf(page), "cookies");
});

story("an address that leads nowhere has a page, and one that only takes forms", {}, async ({ house, page }) => {
  const code = await meetError(page, `${house.issuer}/account/nowhere`, 404);

  await heading(page, "There is nothing here");
  await look(page, "error-not-found");
  const other = await meetError(page, `${house.issuer}/account/keys/rotate`, 405);
  await look(page, "error-method-not-allowed");

  assert.deepEqual([code, other], ["not_found", "method_not_allowed"]);
});

/** Keeps a page from going to an address, redirected or not; the address that it would have gone to. */
async function stopBefore(page, urlPattern) {
  const session = await page.context().newCDPSession(page);
  const stopped = new Promise((tell) => {
    session.on("Fetch.requestPaused", ({ requestId, request }) => {
      tell(request.url);
      session.send("Fetch.fulfillRequest", { requestId, responseCode: 204 });
    });
  });
  await session.send("Fetch.enable", { patterns: [{ urlPattern }] });
  return { url: () => stopped };
}
