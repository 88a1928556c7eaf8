// A story: a test that has a house of its own, and at least one person with a browser.

import { after, test } from "node:test";

import { openHouse } from "./house.mjs";
import { arrive, leave, openBrowser } from "./visitor.mjs";

let browser;
after(async () => (await browser)?.close());

/**
 * `tell` gets the house, the first person's page and context, `another` to let somebody else arrive, and the `origins` that
 * their browsers may ask, to which it may add. It fails too
 * when something went wrong in a browser that the story did not look at: see `arrive`.
 */
export function story(title, options, tell) {
  test(title, { timeout: 120_000 }, async () => {
    browser ??= openBrowser();
    const house = await openHouse();
    const visits = [];
    const another = async (options) => {
      const visit = await arrive(await browser, house.origins, options);
      visits.push(visit);
      return visit;
    };
    try {
      const { page, context } = await another(options);
      await tell({ house, page, context, another, origins: house.origins });
      for (const visit of visits) leave(visit);
    } finally {
      await Promise.all(visits.map(({ context }) => context.close()));
      await house.stop();
    }
  });
}
