// A person's own keys: made, copied, traded as the page says, and ended.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { button, claimsOf, enterApp, heading, link, makeKey, plain, signIn } from "./support/walk.mjs";

const DAY = 24 * 60 * 60 * 1000;
const spelled = (days) =>
  new Date(Date.now() + days * DAY).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** Runs a line as a person who pastes it. */
async function paste(line) {
  const { stdout } = await promisify(execFile)("sh", ["-c", line]);
  return JSON.parse(stdout);
}

const copied = (page) => page.evaluate(() => navigator.clipboard.readText());
const ticket = (page, name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: new RegExp(`^[\u2068]?${name}`) }) });

story("a person makes a key, and trades it by the curl shown", {}, async ({ house, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await enterApp(page, house);
  const asked = page.waitForRequest((request) => request.url().includes("/oauth/logout?"));
  await button(page, "Sign out").click();
  const { sub } = claimsOf(new URL((await asked).url()).searchParams.get("id_token_hint"));
  await page.goto(`${house.issuer}/account`);
  await button(page, "Continue with Demo provider").click();
  await heading(page, "Your account");
  await link(page, "Personal keys").click();
  await heading(page, "Personal keys");
  await look(page, "keys-none");

  await link(page, "New key").click();
  await heading(page, "New personal key");
  await look(page, "key-new");
  const chosen = await page.getByRole("radio", { checked: true }).evaluateAll((all) => all.map((one) => one.value));
  const until = await page.getByRole("radio", { checked: true }).locator("xpath=..").innerText();
  const preselected = await page.getByRole("checkbox", { checked: true }).count();
  await page.getByRole("textbox", { name: "Name" }).fill("backup script");
  await page.getByRole("checkbox", { name: /See your orders/ }).check();
  await button(page, "Make the key").click();
  await heading(page, "Your new key");
  await look(page, "key-made");

  assert.deepEqual([chosen, preselected], [["90"], 0], "90 days, and nothing that it may do");
  assert.match(plain(until), new RegExp(`until ${spelled(90)}`));
  const key = await page.locator("#key").innerText();
  await page.getByRole("button", { name: "Copy" }).first().click();
  await button(page, "Copied").waitFor();
  assert.equal(await copied(page), key);
  await page.getByRole("button", { name: "Copy" }).last().click();
  const line = await copied(page);
  assert.ok(line.startsWith("curl ") && line.includes(key), line);
  const { access_token: token, scope } = await paste(line);
  const claims = claimsOf(token);
  assert.deepEqual(
    [claims.sub, claims.client_id, claims.name, claims.aud, scope],
    [sub, house.dev.client_id, "Ada Lovelace", house.dev.resource, "orders:read"],
  );
  const greeted = await fetch(house.service, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(await greeted.text(), "Hello, Ada Lovelace\n");
  await link(page, "Done, I have copied it").click();
  await heading(page, "Personal keys");
  assert.ok(!(await page.content()).includes(key.slice(-43)), "shown once");
});

story("a key is rotated, switched off and on, and revoked", {}, async ({ house, page }) => {
  await signIn(page, house);
  const old = await makeKey(page, house, "nightly job");
  await link(page, "Done, I have copied it").click();

  await button(ticket(page, "nightly job"), "Rotate: nightly job").click();
  await heading(page, "Your new key");
  await look(page, "key-rotated");
  const line = await page.locator("#curl").innerText();
  assert.match(plain(await page.getByRole("main").innerText()), /The old key of nightly job works until/);
  assert.equal(claimsOf((await paste(line)).access_token).name, "Ada Lovelace");
  assert.equal(claimsOf((await paste(old)).access_token).name, "Ada Lovelace", "for a day more");
  await link(page, "Done, I have copied it").click();
  await page.getByText("A new key took over").waitFor();
  await inUse(page);
  await look(page, "keys-rotated");

  const fresh = ticket(page, "nightly job").filter({ hasNotText: "A new key took over" });
  await button(fresh, "Switch off: nightly job").click();
  await page.getByRole("status").getByText("The key is switched off.").waitFor();
  await look(page, "keys-off");
  assert.equal((await paste(line)).error, "invalid_client");
  await button(fresh, "Switch on: nightly job").click();
  await page.getByText("The key works again.").waitFor();
  assert.ok((await paste(line)).access_token);
  await link(fresh, "Revoke: nightly job").click();
  await heading(page, "Revoke nightly job?");
  await look(page, "key-revoke");
  await link(page, "Keep it").click();
  await link(fresh, "Revoke: nightly job").click();
  await button(page, "Revoke for good").click();
  await page.getByRole("status").getByText("will never work again").waitFor();
  await look(page, "keys-revoked");

  assert.equal((await paste(line)).error, "invalid_client");
});

story("a form with mistakes says which, and keeps what was typed", {}, async ({ house, page }) => {
  await signIn(page, house);
  await page.goto(`${house.issuer}/account/keys/new`);
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("   ");

  await button(page, "Make the key").click();
  await page.getByText("The key was not made yet").waitFor();
  await look(page, "key-faults");
  await link(page, "Choose at least one thing that it may do.").click();

  assert.equal(await page.evaluate(() => document.activeElement.id), "scopes", "the link leads there");
  await name.fill("x");
  await page.getByRole("checkbox", { name: /See your orders/ }).check();
  await button(page, "Make the key").click();
  await heading(page, "Your new key");
});

/** Uses of a key are written down every few seconds. */
async function inUse(page) {
  for (let tries = 0; tries < 100; tries++) {
    if (await page.getByText("The old one is still in use").count()) return;
    await page.reload();
    await page.waitForTimeout(200);
  }
  assert.fail("nobody says that the old key is still in use");
}
