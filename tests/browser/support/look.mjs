// Looks at a page as people may see it: light, dark, narrow; keeps the pictures, and lets axe judge each.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { axe, shots } from "./packages.mjs";

const WIDE = { width: 1000, height: 800 };
const LOOKS = [
  { name: "light", colorScheme: "light", viewport: WIDE },
  { name: "dark", colorScheme: "dark", viewport: WIDE },
  { name: "narrow", colorScheme: "light", viewport: { width: 360, height: 740 } },
];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Looks at the page as it is now; `name` is what its pictures are called. */
export async function look(page, name) {
  await mkdir(shots, { recursive: true });
  for (const { name: kind, colorScheme, viewport } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(shots, `${name}.${kind}.png`), fullPage: true });
    assert.deepEqual(await faults(page), [], `${name}, ${kind}: what axe finds`);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(beyond <= 0, `${name}, ${kind}: ${beyond} px stick out at the side`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

/** What axe finds, of any impact. It loads nothing. */
async function faults(page) {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(
    (values) => window.axe.run({ runOnly: { type: "tag", values }, preload: false }),
    RULES,
  );
  assert.ok(passes.length > 10, "axe has looked");
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${impact}): ${help}: ${html}: ${failureSummary}`),
  );
}
