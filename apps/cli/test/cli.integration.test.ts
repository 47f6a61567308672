/** The built command in processes of its own, over the file system: no server needed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Ended, type Running, run, start } from "./celeriac.js";

const cwd = fileURLToPath(new URL("fixtures/esm", import.meta.url));
const built = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "celeriac-cli-"));
let env: Readonly<Record<string, string>> = {};
let workers: Running[] = [];
let rooms = 0;

beforeAll(() => {
  if (!existsSync(built)) throw new Error("The command is not built: run `tsc -b` in apps/cli first.");
});

afterEach(async () => {
  for (const worker of workers) worker.process.kill("SIGKILL");
  await Promise.all(workers.map((worker) => worker.ended));
  workers = [];
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Queues and results of their own. */
function newRoom(): string {
  rooms += 1;
  const room = join(scratch, String(rooms));
  env = {
    BROKER_URL: `filesystem://${room}/queues`,
    CELERY_RESULT_BACKEND: `file://${room}/results`,
    CELERY_APP: "app",
  };
  return room;
}

function celeriac(...args: readonly string[]): Promise<Ended> {
  return run(args, { cwd, env });
}

async function startWorker(...args: readonly string[]): Promise<Running> {
  const worker = start(["worker", ...args], { cwd, env });
  workers.push(worker);
  await worker.said("ready");
  return worker;
}

async function send(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await celeriac("call", ...args);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

describe("worker, call and result", () => {
  it("runs tasks in child processes, shows results, and ends with 0 after SIGTERM", async () => {
    newRoom();
    const worker = await startWorker("-c", "1", "-n", "w@here", "--time-limit", "77");
    const sum = await celeriac("result", await send("tasks.add", "-a", "[2, 3]"), "--timeout", "15");
    expect(sum).toMatchObject({ code: 0, stdout: "5\n" });

    const limit = await celeriac("result", await send("tasks.limit"), "--timeout", "15", "-j");
    expect(JSON.parse(limit.stdout), "children have the command's settings").toMatchObject({
      status: "SUCCESS",
      result: 77,
    });

    const failedId = await send("tasks.fail");
    const failed = await celeriac("result", failedId, "--timeout", "15");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("FAILURE RangeError: as planned");
    const { stdout: traceback } = await celeriac("result", failedId, "--traceback");
    expect(traceback).toContain("RangeError: as planned\n    at ");

    worker.process.kill("SIGTERM");
    const { code, stdout } = await worker.ended;
    expect(code).toBe(0);
    for (const part of ["w@here", "filesystem://", "1 (prefork)", "celery", ". tasks.add"])
      expect(stdout).toContain(part);
  });

  it("lets a running task finish before a warm shutdown is over", async () => {
    const room = newRoom();
    const worker = await startWorker("-P", "solo");
    const file = `${room}/progress`;
    await send("tasks.hold", "-a", JSON.stringify([file, 800]));
    await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 10_000 }).toBe("started");
    worker.process.kill("SIGINT");
    expect((await worker.ended).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("finished");
  });

  it.each([
    ["a second signal", ["SIGTERM", "SIGTERM"]],
    ["SIGQUIT", ["SIGQUIT"]],
  ] as const)("stops a running task at %s and ends with 1", async (_name, signals) => {
    const room = newRoom();
    const worker = await startWorker("-c", "1");
    const file = `${room}/progress`;
    await send("tasks.hold", "-a", JSON.stringify([file, 60_000]));
    await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 10_000 }).toBe("started");
    worker.process.kill(signals[0]);
    if (signals.length > 1) {
      await worker.said("warm shutdown");
      worker.process.kill(signals[1] ?? "SIGTERM");
    }
    expect((await worker.ended).code).toBe(1);
    expect(readFileSync(file, "utf8")).toBe("started");
  });

  it("answers status and inspect, and ends when it is told to over remote control", async () => {
    newRoom();
    const worker = await startWorker("-P", "async", "-c", "3", "-n", "w@here", "--json-logs", "-I", "./more-tasks");
    const status = await celeriac("status", "-t", "10", "-d", "w@here");
    expect(status).toMatchObject({ code: 0, stdout: "w@here: OK\n\n1 node online.\n" });
    const ping = await celeriac("inspect", "ping", "-j", "-t", "10", "-d", "w@here");
    expect(JSON.parse(ping.stdout)).toEqual({ "w@here": { ok: "pong" } });
    const registered = await celeriac("inspect", "registered", "-t", "10", "-d", "w@here");
    expect(registered.stdout).toContain("->  w@here: OK\n    * more.one\n    * tasks.add\n");
    const shutdown = await celeriac("control", "shutdown", "-d", "w@here", "-t", "10");
    expect(shutdown).toMatchObject({ code: 0, stdout: "Asked to shut down: w@here\n" });
    const { code, stdout, stderr } = await worker.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  });

  it("ends with 69 when no worker answers", async () => {
    newRoom();
    const { code, stderr } = await celeriac("status", "-t", "0.05");
    expect({ code, stderr }).toEqual({ code: 69, stderr: "Error: No nodes replied within time constraint\n" });
  });
});

describe("purge", () => {
  it("removes what waits, and only without asking when told so", async () => {
    newRoom();
    await send("tasks.add", "-a", "[1, 2]");
    await send("tasks.add", "-a", "[3, 4]");
    const asked = await celeriac("purge");
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("celery");
    expect((await celeriac("purge", "-f")).stdout).toBe("Purged 2 messages from 1 queue.\n");
    expect((await celeriac("purge", "-f", "-j")).stdout).toBe('{"celery":0}\n');
  });
});

describe("wrong usage", () => {
  it("says what -A looked for and where, before anything is opened", async () => {
    const room = newRoom();
    const { code, stderr } = await celeriac("worker", "-A", "nothing");
    expect(code).toBe(1);
    expect(stderr).toContain(`-A nothing: there is no such module. Looked for:\n  ${join(cwd, "nothing")}\n`);
    expect(stderr).not.toContain("    at ");
    expect(existsSync(room)).toBe(false);
  });

  it("takes -A before the command, too", async () => {
    newRoom();
    expect((await celeriac("-A", "nothing", "worker")).stderr).toContain("-A nothing");
    expect((await celeriac("-A", "app", "call", "tasks.add", "-a", "[1, 1]")).code).toBe(0);
  });

  it.each(["../cjs/plain.cjs", "../cjs/plain.cjs:app", "../cjs/app", "../cjs/indexed", "../cjs/indexed:celery"])(
    "takes the app of a CommonJS project: %s",
    async (spec) => {
      newRoom();
      const { code, stderr } = await celeriac("-A", spec, "call", "tasks.add");
      expect(code, stderr).toBe(0);
    },
  );

  it("reports every wrong setting at once, without stack or password", async () => {
    newRoom();
    env = { ...env, CELERY_TASK_TIME_LIMIT: "soon", CELERY_WORKER_CONCURENCY: "1", BROKER_URL: "redis://u:secret@h/0" };
    const { code, stderr } = await celeriac("worker", "--result-backend", "nonsense://x:secret@y");
    expect(code).toBe(1);
    for (const part of ["CELERY_TASK_TIME_LIMIT", "Did you mean CELERY_WORKER_CONCURRENCY?"])
      expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/secret|\n {4}at /);
  });

  it("names the schemes there are for one there is not", async () => {
    newRoom();
    const { code, stderr } = await celeriac("worker", "-b", "reddis://localhost");
    expect(code).toBe(1);
    expect(stderr).toContain('there is no broker for "reddis://". Did you mean redis://?');
  });

  it.each([
    [["wroker"], "Did you mean worker?"],
    [["worker", "--concurency", "2"], "Did you mean --concurrency?"],
    [["worker", "-c", "0"], "whole number"],
    [["inspect", "pingg"], "Did you mean ping?"],
    [["call", "tasks.add", "-a", "[1,"], "not valid JSON"],
    [["call"], "missing required argument"],
  ])("%j ends with 2 and a way out", async (args, expected) => {
    newRoom();
    const { code, stderr } = await celeriac(...args);
    expect({ code, says: stderr.includes(expected) }, stderr).toEqual({ code: 2, says: true });
  });

  it("colours nothing that goes to a pipe", async () => {
    newRoom();
    const { stdout } = await celeriac("--help");
    expect(stdout).toContain("Usage: celeriac");
    expect(stdout).not.toContain("\u001b");
    env = { ...env, FORCE_COLOR: "1" };
    expect((await celeriac("--help")).stdout).toContain("\u001b[");
    env = { ...env, NO_COLOR: "1" };
    expect((await celeriac("--help")).stdout).not.toContain("\u001b");
  });
});
