/** Against a real Redis with a real Python worker beside ours. Skipped, visibly, where either is missing. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisBroker } from "@celeriac/broker-redis";
import { createApp, silentLogger } from "@celeriac/core";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createControl } from "../src/index.js";

const python = process.env.CELERIAC_PYTHON ?? "python3";
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const hasPython = spawnSync(python, ["-c", "import celery, redis"]).status === 0;

const PROGRAM = `
import sys
from celery import Celery
app = Celery("peer", broker=sys.argv.pop(1))
@app.task(name="peer.add")
def add(x, y): return x + y
app.worker_main(["worker", "-P", "solo", "-n", "python@here", "-l", "WARNING"])
`;

describe.skipIf(!hasRedis || !hasPython)("remote control over Redis", () => {
  let folder = ""; // made in beforeAll: this body also runs when the suite is skipped
  const running: ChildProcess[] = [];
  let url = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "celeriac-control-"));
    const port = await freePort();
    url = `redis://127.0.0.1:${port}/0`;
    const redis = start("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
    await isReady(redis);
    writeFileSync(join(folder, "peer.py"), PROGRAM);
    start(python, [join(folder, "peer.py"), url]);
  });

  afterAll(async () => {
    await Promise.all(running.reverse().map(stop));
    rmSync(folder, { recursive: true, force: true });
  });

  function start(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.resume();
    running.push(child);
    return child;
  }

  it("hears a Python worker and one of ours, and inspects both", async () => {
    await using app = createApp("client", { broker: redisBroker(url), logger: silentLogger });
    await using ourApp = createApp("ours", { broker: redisBroker(url), logger: silentLogger });
    ourApp.task("ours.add", (x: number, y: number) => x + y);
    await using worker = createWorker(ourApp, { pool: asyncPool({ concurrency: 1 }), hostname: "node@here" });
    await worker.start();
    const control = createControl(app);
    const both = ["node@here", "python@here"];
    await expect.poll(async () => [...(await control.ping({ limit: 2 }))].sort(), { timeout: 15_000 }).toEqual(both);

    const registered = await control.inspect.registered({ limit: 2 });
    expect(registered.nodes.get("python@here")).toEqual(["peer.add"]);
    expect(registered.nodes.get("node@here")).toEqual(["ours.add"]);
    const stats = await control.inspect.stats({ limit: 2 });
    expect([...stats.nodes.keys()].sort()).toEqual(both);
    const queues = await control.inspect.activeQueues({ limit: 2 });
    for (const node of both) expect(queues.nodes.get(node)).toMatchObject([{ name: "celery", routingKey: "celery" }]);
    expect(await control.ping({ destination: ["python@here"], timeout: 10 })).toEqual(["python@here"]);
  });

  it("shuts a Python worker down", async () => {
    await using app = createApp("client", { broker: redisBroker(url), logger: silentLogger });
    const peer = running[1];
    const exit = new Promise((resolve) => peer?.once("exit", resolve));
    await createControl(app).shutdown({ destination: ["python@here"] });
    expect(await exit).toBe(0);
  });
});

/** Resolves once the server says that the port is its own; an occupied port must never lead us to somebody else's data. */
function isReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    server.once("exit", () => reject(new Error(`redis-server did not start:\n${text}`)));
    server.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("Ready to accept connections")) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}
