// A browser without JavaScript: the whole way all the same.

import assert from "node:assert/strict";
import { createServer } from "node:http";

import { look } from "./support/look.mjs";
import { story } from "./support/story.mjs";
import { authorize, button, enterApp, heading, link, person } from "./support/walk.mjs";

const PLAIN = { javaScriptEnabled: false };

/** An app that takes its answers as forms. */
async function openApp() {
  const taken = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => (body += text));
    request.on("end", () => {
      if (request.method === "POST") taken.push(Object.fromEntries(new URLSearchParams(body)));
      response.setHeader("content-type", "text/html");
      response.end('<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><h1>Thank you</h1>');
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}`, taken, close: () => server.close() };
}

/** A code that came to `app` is good. */
async function redeem(house, app) {
  const [{ code, iss, state }] = app.taken;
  assert.deepEqual([iss, state], [house.issuer, "s-1"]);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: `${app.address}/callback`,
    code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  });
  const authorization = `Basic ${btoa(`${house.dev.client_id}:${house.dev.key}`)}`;
  const answer = await fetch(`${house.issuer}/oauth/token`, { method: "POST", body, headers: { authorization } });
  assert.equal(answer.status, 200);
}

const asForm = (house, app) =>
  authorize(house, { redirect_uri: `${app.address}/callback`, response_mode: "form_post", state: "s-1" });

story("in and out, and a key on the way", PLAIN, async ({ house, page }) => {
  await enterApp(page, house);
  await button(page, "Refresh the token").click();
  await heading(page, "Signed in as Ada Lovelace");
  await page.goto(`${house.issuer}/account`);
  await link(page, "Personal keys").click();
  await link(page, "New key").click();
  await page.getByRole("textbox", { name: "Name" }).fill("by hand");
  await page.getByRole("checkbox", { name: /See your orders/ }).check();
  await button(page, "Make the key").click();
  await heading(page, "Your new key");
  const key = await page.locator("#key").innerText();
  const copies = await page.getByRole("button", { name: "Copy" }).count();
  await link(page, "Done, I have copied it").click();
  await button(page, "Rotate: by hand").click();
  await heading(page, "Your new key");
  await link(page, "Connected apps").click();
  await button(page, "Withdraw what Demo may do").click();
  await page.getByText("No app acts for you").waitFor();
  await link(page, "Sign out").click();
  await button(page, "Sign out").click();
  await heading(page, "You are signed out");

  assert.match(key, /^hp_live_/);
  assert.equal(copies, 0, "a button that can do nothing is not shown");
});

story("an app that wants a form gets it by a button", PLAIN, async ({ house, page, origins }) => {
  const app = await openApp();
  origins.push(app.address);
  await page.goto(asForm(house, app));
  await button(page, "Continue with Demo provider").click();
  await person(page, "Ada Lovelace").click();
  await button(page, "Allow").click();
  await heading(page, "On to 127.0.0.1");
  assert.equal(app.taken.length, 0);

  await button(page, "Continue").click();
  await heading(page, "Thank you");

  await redeem(house, app);
  app.close();
});

story("with JavaScript, an app that wants a form gets it by itself", {}, async ({ house, page, origins }) => {
  const app = await openApp();
  origins.push(app.address);
  await page.goto(asForm(house, app));
  await button(page, "Continue with Demo provider").click();
  await person(page, "Ada Lovelace").click();

  await button(page, "Allow").click();
  await heading(page, "Thank you");

  await redeem(house, app);
  app.close();
});

story("the page with that button can be read while the script is on its way", {}, async ({ house, page }) => {
  await page.goto(authorize(house, { response_mode: "form_post" }));
  await button(page, "Continue with Demo provider").click();
  await person(page, "Ada Lovelace").click();
  await page.route(/submit[^/]*\.js$/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));

  await button(page, "Allow").click();
  await heading(page, "On to 127.0.0.1");
  await look(page, "form-post");

  assert.equal(await button(page, "Continue").count(), 1);
});
