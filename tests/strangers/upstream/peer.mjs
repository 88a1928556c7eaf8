// What the providers here have in common: time that stands still until it is moved, a list of what they were asked,
// and commands, one a line on standard input, each answered by a line. They end with their input.

import { createServer } from "node:http";
import { createInterface } from "node:readline";

export const settings = JSON.parse(process.argv[2]);

let now = settings.now * 1000;
const Machine = Date;
globalThis.Date = class extends Machine {
  constructor(...parts) {
    super(...(parts.length > 0 ? parts : [now]));
  }

  static now() {
    return now;
  }
};

// Standard output is for answers; what libraries have to say goes to the other.
console.log = console.info = console.error;

function say(what) {
  process.stdout.write(`${JSON.stringify(what ?? null)}\n`);
}

// Listens; `make` gives what answers for the issuer that the address makes.
export async function serve(make, commands = {}) {
  const asked = [];
  let answer;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url.split("?")[0]}`);
    response.setHeader("Date", new Date().toUTCString());
    answer(request, response);
  });
  await new Promise((listening) => server.listen(settings.port, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = await make(issuer);
  say({ issuer });

  const known = { advance: (seconds) => void (now += seconds * 1000), asked: () => asked, ...commands };
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, value] = JSON.parse(line);
    say(await known[command](value));
  }
  process.exit();
}
