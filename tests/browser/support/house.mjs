// `hallpass dev` in an empty folder, the demo service and the demo web app: the real programs, on ports that are free.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { target } from "./packages.mjs";

const PATIENCE = 60_000;

/** Starts everything. `stop` ends it, and forgets what it wrote. */
export async function openHouse() {
  const folder = await mkdtemp(join(tmpdir(), "hallpass-browser-"));
  const children = [];
  const stop = async () => {
    await Promise.all(children.map(end));
    await rm(folder, { recursive: true });
  };
  const start = async (program, parameters, variables, isReady) => {
    const { child, ready } = run(folder, program, parameters, variables, isReady);
    children.push(child);
    return ready;
  };
  try {
    const dev = JSON.parse(
      await start("hallpass", ["dev", "--json", "--listen", "127.0.0.1:0"], {}, (line) => line.startsWith("{")),
    );
    const isListening = (line) => line.startsWith("listening on http://");
    const serviceVariables = { ISSUER: dev.issuer, AUDIENCE: dev.resource, LISTEN: "127.0.0.1:0" };
    const service = addressIn(await start("examples/service", [], serviceVariables, isListening));
    // It has to know its own address before it listens there, and Hallpass where it may send people who signed out.
    const listen = `127.0.0.1:${await freePort()}`;
    const home = ["apps", "update", dev.client_id, "--post-logout-redirect-uri", `http://${listen}/`];
    await promisify(execFile)(join(target, "debug", "hallpass"), home, { cwd: folder, env: bare() });
    const appVariables = {
      ISSUER: dev.issuer,
      CLIENT_ID: dev.client_id,
      KEY: dev.key,
      SERVICE: service,
      LISTEN: listen,
    };
    const app = addressIn(await start("examples/web_app", [], appVariables, isListening));
    const { issuer, provider } = dev;
    return { issuer, service, app, dev, stop, origins: [issuer, provider.issuer, service, app] };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The variables of this process, but for those that set up a server. */
function bare() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HALLPASS_")));
}

function run(folder, program, parameters, variables, isReady) {
  const child = spawn(join(target, "debug", program), parameters, {
    cwd: folder,
    env: { ...bare(), ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ready = new Promise((tell, fail) => {
    const late = setTimeout(() => fail(new Error(`${program} is not ready: ${said}`)), PATIENCE);
    createInterface({ input: child.stdout }).on("line", (line) => {
      said += `${line}\n`;
      if (isReady(line)) {
        clearTimeout(late);
        tell(line);
      }
    });
    child.on("error", fail);
    child.on("exit", (code) => fail(new Error(`${program} ended with ${code}: ${said}`)));
  });
  return { child, ready };
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((tell) => child.on("exit", tell));
  child.kill("SIGKILL");
  return ended;
}

function addressIn(line) {
  return new URL(line.slice(line.indexOf("http://"))).origin;
}

function freePort() {
  return new Promise((tell, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => tell(port));
    });
  });
}
