// Every page that the server can show, in each language, filled with what people see: those too that no story walks to.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { look } from "./support/look.mjs";
import { arrive, leave, openBrowser } from "./support/visitor.mjs";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
// As the server says it: see `http/visitor`.
const CSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'";

const folder = await mkdtemp(join(tmpdir(), "hallpass-pages-"));
const server = createServer(async ({ url }, answer) => {
  try {
    // The form that sends itself away would be gone before anybody has looked.
    const body = url.includes("/submit.") ? "" : await readFile(join(folder, url));
    answer.writeHead(200, { "Content-Type": `${TYPES[extname(url)]}; charset=utf-8`, "Content-Security-Policy": CSP });
    answer.end(body);
  } catch {
    answer.writeHead(404).end();
  }
});
let browser, origin;

before(async () => {
  // As everything is built, so that nothing is built again.
  const writing = ["test", "--quiet", "--workspace", "--all-features", "--lib", "every_page_can_be_looked_at"];
  await promisify(execFile)("cargo", writing, { env: { ...process.env, HALLPASS_TEST_PAGES: folder } });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  server.close();
  await rm(folder, { recursive: true });
});

test("every page is fit to be met", { timeout: 600_000 }, async () => {
  const pages = (await readdir(folder)).filter((name) => name.endsWith(".html")).sort();
  assert.ok(pages.length > 60, `there are ${pages.length}`);
  const visit = await arrive(browser, [origin]);
  for (const name of pages) {
    await visit.page.goto(`${origin}/${name}`);
    await look(visit.page, `sample-${name.replace(".html", "")}`);
  }
  leave(visit);
});
