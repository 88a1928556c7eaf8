// The steps of a person, by what they read: a name that nobody could find is a name that nobody can press.

import assert from "node:assert/strict";

export const button = (page, name) => page.getByRole("button", { name: heard(name) });
export const link = (page, name) => page.getByRole("link", { name: heard(name) });

/** The whole of a text as it is read out: names in it are kept apart by marks that nobody hears. */
export function heard(text) {
  const letters = [...text].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/, "\\$&"));
  return new RegExp(`^${["", ...letters, ""].join("[\u2068\u2069]*")}$`);
}

/** A text without those marks. */
export const plain = (text) => text.replace(/[\u2068\u2069]/g, "");

/** Waits for the page with that heading. */
export async function heading(page, text) {
  try {
    await page.getByRole("heading", { level: 1, name: heard(text) }).waitFor();
  } catch (error) {
    const said = await page.locator("body").innerText();
    throw new Error(`no page "${text}", but ${page.url()}:\n${said}`, { cause: error });
  }
}

/** Whom one can be at the demo provider. */
export const person = (page, name) => page.getByRole("button", { name: new RegExp(`^(. )?${name}`) });

/** From our sign-in page, over the provider's, back to us. */
export async function pick(page, name) {
  await button(page, "Continue with Demo provider").click();
  await person(page, name).click();
}

/** Signs in to the account, by nobody's request. */
export async function signIn(page, house, name = "Ada Lovelace") {
  await page.goto(`${house.issuer}/account`);
  await heading(page, "Sign in to your account");
  await pick(page, name);
  await heading(page, "Your account");
}

/** From the demo app to the demo app. */
export async function enterApp(page, house, name = "Ada Lovelace") {
  await page.goto(house.app);
  await link(page, "Sign in with Hallpass").click();
  await heading(page, "Sign in to Demo");
  await pick(page, name);
  await heading(page, "Let Demo act for you?");
  await button(page, "Allow").click();
  await heading(page, `Signed in as ${name}`);
}

/** Makes a key that may see orders; the line that trades it. */
export async function makeKey(page, house, name) {
  await page.goto(`${house.issuer}/account/keys/new`);
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("checkbox", { name: /See your orders/ }).check();
  await button(page, "Make the key").click();
  await heading(page, "Your new key");
  return page.locator("#curl").innerText();
}

/** The address of a request of the demo app; `more` replaces or adds parameters. */
export function authorize(house, more) {
  const request = {
    client_id: house.dev.client_id,
    redirect_uri: `${house.app}/callback`,
    response_type: "code",
    scope: "openid",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
    ...more,
  };
  return `${house.issuer}/oauth/authorize?${new URLSearchParams(request)}`;
}

/** Goes to an address whose page is an error; its code. */
export async function meetError(page, address, status) {
  const answer = await page.goto(address);
  assert.equal(answer.status(), status, address);
  return codeOf(page);
}

/** The code on an error page. */
export function codeOf(page) {
  return page.locator("dt:text-is('Code') + dd").textContent();
}

/** What stands in a JWT. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}
