// The packages, from where `tests/run` installed them, and the programs, from where cargo built them.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

const from = createRequire(join(target, "browser/package.json"));
export const { chromium } = from("playwright-core");
export const axe = from("axe-core");

/** Where pictures of pages are kept. */
export const shots = join(target, "browser/shots");
