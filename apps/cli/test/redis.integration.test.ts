/** The built command over a real Redis, looked at by Python's Celery. Skipped, visibly, where either is missing. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, run, start } from "./celeriac.js";

const python = process.env.CELERIAC_PYTHON ?? "python3";
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const hasPython = spawnSync(python, ["-c", "import celery, redis"]).status === 0;
const cwd = fileURLToPath(new URL("fixtures/esm", import.meta.url));

describe.skipIf(!hasRedis)("celeriac worker over Redis", () => {
  let folder = ""; // made in beforeAll: this body also runs when the suite is skipped
  let redis: ChildProcess | undefined;
  let worker: Running | undefined;
  let url = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "celeriac-cli-redis-"));
    const port = await freePort();
    url = `redis://127.0.0.1:${port}/0`;
    redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await isReady(redis);
    worker = start(["-A", "app", "-b", url, "--result-backend", url, "worker", "-c", "1", "-n", "node@here"], { cwd });
    await worker.said("ready");
  });

  afterAll(async () => {
    worker?.process.kill("SIGKILL");
    redis?.kill("SIGKILL");
    await worker?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs what call sends, and result shows it, both without an app", async () => {
    const outer = ["-b", url, "--result-backend", url];
    const sent = await run(["call", "tasks.add", "-a", "[20, 22]", ...outer], { cwd });
    const result = await run(["result", sent.stdout.trim(), "--timeout", "15", ...outer], { cwd });
    expect(result).toMatchObject({ code: 0, stdout: "42\n" });
  });

  it("answers its own status", async () => {
    const status = await run(["status", "-j", "-b", url, "-d", "node@here", "-t", "10"], { cwd });
    expect(JSON.parse(status.stdout)).toEqual({ "node@here": { ok: "pong" } });
  });

  it.skipIf(!hasPython).each([
    [["status"], "node@here: OK"],
    [["inspect", "ping"], "pong"],
    [["inspect", "registered"], "tasks.add"],
    [["inspect", "stats"], '"transport": "redis"'],
    [["inspect", "active"], "- empty -"],
    [["inspect", "active_queues"], "'routing_key': 'celery'"],
  ])("answers Python's celery %j", (args, expected) => {
    const peer = spawnSync(python, ["-m", "celery", "-b", url, ...args, "-t", "5", "-d", "node@here"], {
      encoding: "utf8",
      cwd: folder,
    });
    expect({ code: peer.status, says: peer.stdout.includes(expected) }, peer.stdout + peer.stderr).toEqual({
      code: 0,
      says: true,
    });
  });

  it("ends with 0 at SIGTERM", async () => {
    worker?.process.kill("SIGTERM");
    expect((await worker?.ended)?.code).toBe(0);
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
