// A person's browser, and what must never happen in it.

import assert from "node:assert/strict";

import { chromium } from "./packages.mjs";

// It must not ask anybody for anything by itself: each request is held against the few origins there are.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser in which people come and go. */
export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * Somebody new: their own cookies, one window. `wrong` fills with what must not happen: errors on the console, pages
 * that break their own policy, requests to anybody but `origins`.
 */
export async function arrive(browser, origins, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(10_000);
  const wrong = [];
  const isOurs = (url) => origins.some((origin) => new URL(url).origin === origin);
  context.on("request", (request) => {
    if (!isOurs(request.url())) wrong.push(`a request to ${request.url()}`);
  });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // The next page came before this one was whole.
    if (why !== "net::ERR_ABORTED") wrong.push(`${request.url()} was not answered: ${why}`);
  });
  context.on("weberror", (error) => wrong.push(`an error in a script: ${error.error()}`));
  context.on("console", (message) => {
    const isTrouble = message.type() === "error" || message.type() === "warning";
    if (isTrouble && !isStatusOf(message)) wrong.push(`${message.type()} on the console: ${message.text()} (${message.location().url})`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`against the policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  const page = await context.newPage();
  return { context, page, wrong };
}

/** A page that answers 4xx is an error page, and may be bare text without an icon; what a page loads is there. */
function isStatusOf(message) {
  const { url } = message.location();
  const isPage = message.page()?.url() === url || new URL(url).pathname === "/favicon.ico";
  return isPage && message.text().startsWith("Failed to load resource");
}

/** A visit in which nothing went wrong. */
export function leave({ wrong }) {
  assert.deepEqual(wrong, []);
}
