// The other language: the browser's, or the one that an app asks for.

import assert from "node:assert/strict";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { authorize, button, heading, link, meetError, person } from "./support/walk.mjs";

const GERMAN = { locale: "de-DE" };
const language = (page) => page.evaluate(() => document.documentElement.lang);

story("a browser that reads German gets German, from the way in to the way out", GERMAN, async ({ house, page }) => {
  await page.goto(house.app);
  await link(page, "Sign in with Hallpass").click();
  await heading(page, "Bei Demo anmelden");
  await look(page, "de-sign-in");
  await button(page, "Weiter mit Demo provider").click();
  await person(page, "Ada Lovelace").click();
  await heading(page, "Darf Demo für Sie handeln?");
  await look(page, "de-consent");
  await button(page, "Erlauben").click();
  await heading(page, "Signed in as Ada Lovelace");

  await page.goto(`${house.issuer}/account`);
  await look(page, "de-account");
  await link(page, "Sitzungen").click();
  await look(page, "de-sessions");
  await link(page, "Verbundene Apps").click();
  await look(page, "de-apps");
  await link(page, "Eigene Schlüssel").click();
  await look(page, "de-keys-none");
  await link(page, "Neuer Schlüssel").click();
  await look(page, "de-key-new");
  await page.getByRole("textbox", { name: "Name" }).fill("Sicherung");
  await page.getByRole("checkbox").first().check();
  await button(page, "Schlüssel erstellen").click();
  await heading(page, "Ihr neuer Schlüssel");
  await look(page, "de-key-made");
  await page.goto(`${house.issuer}/account/keys`);
  await look(page, "de-keys");
  await link(page, "Abmelden").click();
  await look(page, "de-sign-out");
  await button(page, "Abmelden").click();
  await heading(page, "Sie sind abgemeldet");
  await look(page, "de-signed-out");
  await meetError(page, authorize(house, { client_id: "nobody" }), 400);
  await look(page, "de-error");

  assert.equal(await language(page), "de");
});

story("an app may ask for a language, whatever the browser reads", {}, async ({ house, page }) => {
  await page.goto(authorize(house, { ui_locales: "fr de" }));
  await heading(page, "Bei Demo anmelden");
  const asked = await language(page);
  await button(page, "Weiter mit Demo provider").click();
  await person(page, "Ada Lovelace").click();
  await heading(page, "Darf Demo für Sie handeln?");
  await page.goto(authorize(house, { ui_locales: "fr" }));

  await heading(page, "Let Demo act for you?");
  assert.deepEqual([asked, await language(page)], ["de", "en"]);
});
