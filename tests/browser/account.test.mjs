// A person's account: who they are here, where they are signed in, whom they let in.

import assert from "node:assert/strict";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { button, enterApp, heading, link, pick, plain, signIn } from "./support/walk.mjs";

story("a person sees who they are here, and links another way in", {}, async ({ house, page }) => {
  await signIn(page, house);
  await look(page, "account");
  const said = plain(await page.getByRole("main").innerText());

  await button(page, "Link Demo provider").click();
  await page.getByRole("button", { name: /Grace Hopper/ }).click();
  await page.getByText("Linked. From now on you can sign in with it too.").waitFor();
  await look(page, "account-linked");
  await button(page, "Unlink Demo provider, grace@example.com").click();
  await page.getByText("Unlinked. It no longer opens this account.").waitFor();

  assert.ok(said.includes("Ada Lovelace") && said.includes("ada@example.com"), said);
});

story("a person ends a session in another browser", {}, async ({ house, page, another }) => {
  await signIn(page, house);
  await page.goto(`${house.issuer}/account/sessions`);
  await look(page, "sessions-one");
  const { page: elsewhere } = await another();
  await signIn(elsewhere, house);

  await page.reload();
  await look(page, "sessions");
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await page.getByText("The session has ended.").waitFor();
  await elsewhere.reload();

  await heading(elsewhere, "Sign in to your account");
  await page.getByText("You are signed in nowhere else.").waitFor();
});

story("all other sessions end at once", {}, async ({ house, page, another }) => {
  await signIn(page, house);
  const { page: second } = await another();
  await signIn(second, house);
  await page.goto(`${house.issuer}/account/sessions`);

  await button(page, "End all other sessions").click();
  await page.getByText("All other sessions have ended.").waitFor();
  await second.reload();

  await heading(second, "Sign in to your account");
});

story("an app that is withdrawn can do nothing any more", {}, async ({ house, page }) => {
  await signIn(page, house);
  await page.goto(`${house.issuer}/account/apps`);
  await look(page, "apps-none");
  await page.goto(`${house.app}/login`);
  await button(page, "Allow").click();
  await heading(page, "Signed in as Ada Lovelace");
  await page.goto(`${house.issuer}/account/apps`);
  await look(page, "apps");

  await button(page, "Withdraw what Demo may do").click();
  await page.getByText("Withdrawn. The app can do nothing for you any more.").waitFor();
  await look(page, "apps-withdrawn");
  await page.goto(house.app);
  await button(page, "Refresh the token").click();
  await page.waitForLoadState();

  assert.match(await page.locator("body").innerText(), /invalid_grant|Bad Request|Server returned error/);
  await page.goto(`${house.app}/login`);
  await heading(page, "Let Demo act for you?");
});
