// The way in and out of an app, as a person walks it, and what each page of it looks like.

import assert from "node:assert/strict";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { authorize, button, claimsOf, enterApp, heading, link, person, pick, plain } from "./support/walk.mjs";

story("a person signs in, consents, and the demo service greets them by name", {}, async ({ house, page }) => {
  await page.goto(house.app);
  await look(page, "app-nobody");
  await link(page, "Sign in with Hallpass").click();
  await heading(page, "Sign in to Demo");
  await look(page, "sign-in");
  await button(page, "Continue with Demo provider").click();
  await heading(page, "This is a demo: pick who you want to be");
  await look(page, "provider");
  await person(page, "Ada Lovelace").click();
  await heading(page, "Let Demo act for you?");
  await look(page, "consent");
  const consent = plain(await page.getByRole("main").innerText());
  await button(page, "Allow").click();
  await heading(page, "Signed in as Ada Lovelace");
  await look(page, "app-signed-in");

  for (const said of ["Ada Lovelace", "ada@example.com", "Orders (demo)", "See your orders", "Go on while you are away"]) {
    assert.ok(consent.includes(said), `the consent page says ${said}: ${consent}`);
  }
  assert.match(consent, /Your answer goes to\s+this computer/);
  assert.match(consent, /Allow this only if you have just started it yourself/);
  assert.match(await page.locator("pre").innerText(), /^200 OK\nHello, Ada Lovelace/);
});

story("a token is refreshed, and the service greets as before", {}, async ({ house, page }) => {
  await enterApp(page, house);

  await button(page, "Refresh the token").click();
  await heading(page, "Signed in as Ada Lovelace");

  assert.match(await page.locator("pre").innerText(), /^200 OK\nHello, Ada Lovelace/);
});

story("who was let in before is let in again without a word", {}, async ({ house, page, another }) => {
  await enterApp(page, house);
  const { page: elsewhere } = await another();

  await page.goto(`${house.app}/login`);
  await elsewhere.goto(`${house.app}/login`);
  await pick(elsewhere, "Ada Lovelace");

  await heading(page, "Signed in as Ada Lovelace");
  await heading(elsewhere, "Signed in as Ada Lovelace");
});

story("an app that signs its person out signs them out here, and has them back", {}, async ({ house, page, context }) => {
  await enterApp(page, house);
  const asked = page.waitForRequest((request) => request.url().startsWith(`${house.issuer}/oauth/logout`));

  await button(page, "Sign out").click();
  await heading(page, "Orders");

  const hint = new URL((await asked).url()).searchParams.get("id_token_hint");
  assert.equal(claimsOf(hint).aud, house.dev.client_id);
  assert.deepEqual((await context.cookies(house.issuer)).filter(({ name }) => name.endsWith("session")), []);
  await page.goto(`${house.issuer}/account`);
  await heading(page, "Sign in to your account");
});

story("a person signs out of the account, once they have said so", {}, async ({ house, page }) => {
  await enterApp(page, house);
  await page.goto(`${house.issuer}/account`);

  await link(page, "Sign out").click();
  await heading(page, "Sign out?");
  await look(page, "sign-out");
  await button(page, "Stay signed in").click();
  await heading(page, "Your account");
  await link(page, "Sign out").click();
  await button(page, "Sign out").click();
  await heading(page, "You are signed out");
  await look(page, "signed-out");

  await link(page, "Sign in again").click();
  await heading(page, "Sign in to your account");
  await look(page, "sign-in-account");
});

story("who says no to an app is back at the app, which has nothing", {}, async ({ house, page }) => {
  await page.goto(`${house.app}/login`);
  await pick(page, "Ada Lovelace");

  await button(page, "Deny").click();
  await page.waitForURL(/\/callback\?/);

  const sent = new URL(page.url()).searchParams;
  assert.deepEqual([sent.get("error"), sent.get("iss"), sent.get("code")], ["access_denied", house.issuer, null]);
});

story("somebody else at the same browser chooses another account", {}, async ({ house, page }) => {
  await page.goto(`${house.app}/login`);
  await pick(page, "Ada Lovelace");
  await heading(page, "Let Demo act for you?");

  await link(page, "Not you? Use another account").click();
  await heading(page, "Sign in to Demo");
  await pick(page, "Zoë Núñez");
  await heading(page, "Let Demo act for you?");
  await button(page, "Allow").click();

  await heading(page, "Signed in as Zoë Núñez");
});

story("an app may ask for a choice, or for a fresh sign-in", {}, async ({ house, page }) => {
  await enterApp(page, house);
  await page.goto(authorize(house, { prompt: "select_account" }));
  await button(page, "Continue as Ada Lovelace ada@example.com").waitFor();
  await look(page, "sign-in-choice");
  await page.goto(authorize(house, { prompt: "login" }));
  await page.getByText("asks you to sign in once more").waitFor();
  await look(page, "sign-in-fresh");
  await page.goto(authorize(house, { prompt: "consent" }));
  await heading(page, "Let Demo act for you?");
  await look(page, "consent-identity");

  const parts = await page.getByRole("heading", { level: 2 }).count();
  assert.equal(parts, 2, "what it learns, and what the service learns that its token is for");
});
