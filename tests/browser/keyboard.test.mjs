// Somebody who has no mouse: Tab, Enter, space and the arrows, and always a sign where they are.

import assert from "node:assert/strict";

import { story } from "./support/story.mjs";
import { heading, plain } from "./support/walk.mjs";

/** What has the focus: its name as it is read out, and whether one sees that it has it. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const label = element.labels?.[0]?.innerText;
    const box = element.getBoundingClientRect();
    const isInside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    return {
      name: (element.getAttribute("aria-label") ?? label ?? element.innerText ?? "").trim(),
      isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && isInside,
    };
  });
}

/** Goes on by Tab until something has the focus whose name begins so. */
async function tabTo(page, name) {
  const passed = [];
  for (let tabs = 0; tabs < 30; tabs++) {
    await page.keyboard.press("Tab");
    const focus = await focused(page);
    const said = plain(focus.name);
    if (said === "") continue;
    assert.ok(focus.isSeen, `one sees that "${said}" has the focus on ${page.url()}`);
    if (said.startsWith(name)) return;
    passed.push(said);
  }
  assert.fail(`Tab never reaches "${name}", but ${passed.join(" | ")}`);
}

const press = async (page, name) => {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
};

story("the whole way by keyboard", {}, async ({ house, page }) => {
  await page.goto(house.app);
  await press(page, "Sign in with Hallpass");
  await heading(page, "Sign in to Demo");
  await press(page, "Continue with Demo provider");
  await heading(page, "This is a demo: pick who you want to be");
  await press(page, "A\nAda Lovelace");
  await heading(page, "Let Demo act for you?");
  await press(page, "Allow");
  await heading(page, "Signed in as Ada Lovelace");
  await page.goto(`${house.issuer}/account`);
  await press(page, "Skip to the content");
  await press(page, "Link Demo provider");
  await heading(page, "This is a demo: pick who you want to be");
  await page.goto(`${house.issuer}/account`);
  await press(page, "Personal keys");
  await heading(page, "Personal keys");
  await press(page, "New key");
  await heading(page, "New personal key");
  await tabTo(page, "Name");
  await page.keyboard.type("by keyboard");
  await tabTo(page, "90 days");
  await page.keyboard.press("ArrowLeft");
  await tabTo(page, "See your orders");
  await page.keyboard.press("Space");
  await press(page, "Make the key");
  await heading(page, "Your new key");
  const expires = await page.locator("dt:text-is('Expires') + dd time").getAttribute("datetime");
  await press(page, "Copy");
  await press(page, "Done, I have copied it");
  await heading(page, "Personal keys");
  await press(page, "Revoke: by keyboard");
  await heading(page, "Revoke by keyboard?");
  await press(page, "Revoke for good");
  await page.getByRole("status").getByText("will never work again").waitFor();
  await press(page, "Connected apps");
  await heading(page, "Connected apps");
  await press(page, "Withdraw what Demo may do");
  await page.getByText("No app acts for you").waitFor();
  await press(page, "Sign out");
  await heading(page, "Sign out?");
  await press(page, "Sign out");

  await heading(page, "You are signed out");
  const days = Math.round((Date.parse(expires) - Date.now()) / 86_400_000);
  assert.equal(days, 30, "one to the left of 90 days");
});
