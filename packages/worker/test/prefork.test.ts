/** G19: a child affects only its own task. Children run the built package: `tsc -b` comes first. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { filesystemBroker } from "@celeriac/broker-filesystem";
import { context, createApp } from "@celeriac/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Pool } from "../src/pool/pool.js";
import { prefork } from "../src/pool/prefork/index.js";
import { createWorker } from "../src/worker.js";
import { defineTasks } from "./fixtures/tasks.mjs";
import { recordLog } from "./support/recorder.js";
import type { Stage } from "./support/stage.js";
import { openStage } from "./support/stage.js";

const moduleOf = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).href;
const WAIT = { timeout: 10_000, interval: 20 };
const GET = { timeout: "15s" } as const;

let folder: string;
let stage: Stage & { close(): Promise<void> };
let pool: Pool;

function pids(of: Pool = pool): readonly number[] {
  const { processes } = of.info();
  return processes as readonly number[]; // by the pool's own contract
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function startedBy(id: string): Promise<{ readonly pid: number }> {
  const meta = await stage.backend.fetch(id);
  if (meta?.status !== "STARTED") throw new Error(`task ${id} is ${meta?.status}`);
  return meta.result as { readonly pid: number }; // what STARTED holds
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "celeriac-prefork-"));
  stage = openStage();
  defineTasks(stage.app, { context });
  pool = prefork({
    app: { module: moduleOf("app.mjs"), exportName: "makeApp", argument: { folder } },
    concurrency: 2,
  });
  await stage.work({ pool });
});

afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

describe("prefork", () => {
  it("runs tasks in children", async () => {
    const pid = await stage.app.send<number>("pid").get(GET);
    expect(pids()).toContain(pid);
    expect(pid).not.toBe(process.pid);
    await expect(stage.app.send("add", [2, 3]).get(GET)).resolves.toBe(5);
  });

  it("SIGKILL of a child fails only the task it runs, and the child is replaced", async () => {
    const before = pids();
    const sent = await stage.app.send("slow");
    await vi.waitFor(async () => expect(await sent.state()).toBe("STARTED"), WAIT);
    const { pid } = await startedBy(sent.id);
    expect(before).toContain(pid);
    const other = stage.app.send("add", [1, 1]);
    process.kill(pid, "SIGKILL");
    await expect(sent.get(GET)).rejects.toMatchObject({
      pyType: "WorkerLostError",
      args: [expect.stringContaining("SIGKILL")],
    });
    await expect(other.get(GET)).resolves.toBe(2);
    await vi.waitFor(() => {
      expect(pids()).toHaveLength(2);
      expect(pids()).not.toContain(pid);
    }, WAIT);
  });

  it("G2: with acksLate and rejectOnWorkerLost the lost task runs again", async () => {
    await expect(stage.app.send("lost-once", [join(folder, "marker")]).get(GET)).resolves.toBe("second time");
  });

  it("process.exit in a task loses that task only", async () => {
    await expect(stage.app.send("exit", [3]).get(GET)).rejects.toMatchObject({
      pyType: "WorkerLostError",
      args: [expect.stringContaining("exit code 3")],
    });
    await expect(stage.app.send("add", [1, 2]).get(GET)).resolves.toBe(3);
  });

  it("G8: a task that kills every process it gets ends as a dead letter", { timeout: 45_000 }, async () => {
    const poison = stage.app.send("poison");
    await expect(poison.get({ timeout: "40s" })) // a process is started for every one that it kills
      .rejects.toMatchObject({ pyType: "DeliveryLimitExceeded" });
    const letters = await stage.broker.deadLetters.list();
    expect(letters).toMatchObject([{ reason: "DELIVERY_LIMIT_EXCEEDED", taskId: poison.id, taskName: "poison" }]);
    await expect(stage.app.send("add", [1, 2]).get(GET)).resolves.toBe(3);
  });

  it("the hard limit ends a task that never yields", async () => {
    const startedMs = performance.now();
    await expect(stage.app.send("spin").get(GET)).rejects.toMatchObject({ pyType: "TimeLimitExceeded", args: [0.3] });
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  it("the soft limit aborts the signal", async () => {
    await expect(stage.app.send("soft").get(GET)).rejects.toMatchObject({ pyType: "SoftTimeLimitExceeded" });
  });

  it("progress is stored before it resolves; a report nobody awaited does not hurt", async () => {
    const sent = await stage.app.send("progress");
    const seen: unknown[] = [];
    for await (const step of sent.progress({ timeout: "15s" })) seen.push(step);
    expect(seen[0]).toEqual({ pct: 50 });
    await expect(sent.get(GET)).resolves.toBe("done");
  });

  it("nonsense on the channel is ignored, and said once", async () => {
    await expect(stage.app.send("garbage").get(GET)).resolves.toBe("survived");
    expect(stage.log.count("no message of ours")).toBe(1);
    await expect(stage.app.send("add", [1, 2]).get(GET)).resolves.toBe(3);
  });

  it("arguments of a retry cross whole, and impossible ones fail the task", async () => {
    await expect(stage.app.send("retry", [0]).get(GET)).resolves.toEqual({
      big: 2n ** 70n,
      bytes: new Uint8Array([1, 2]),
    });
    await expect(stage.app.send("bad-retry").get(GET)).rejects.toMatchObject({ pyType: "EncodeError" });
  });

  it("a message with headers that plain JSON cannot carry reaches the child", async () => {
    const headers = { big: 2n ** 70n };
    await expect(stage.app.send("add", [1, 2], { headers }).get(GET)).resolves.toBe(3);
  });

  it("tasks sent by a task leave the child", async () => {
    const id = await stage.app.send<string>("send").get(GET);
    const broker = filesystemBroker.fromUrl("filesystem://", {
      transportOptions: { data_folder_in: folder, data_folder_out: folder, control_folder: folder },
    });
    expect(await broker.queues.length("from-child")).toBe(1);
    await broker[Symbol.asyncDispose]();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("prefork pools of their own", () => {
  const source = (): { module: string; exportName: string; argument: unknown } => ({
    module: moduleOf("app.mjs"),
    exportName: "makeApp",
    argument: { folder },
  });

  it("replace a child after maxTasksPerChild, and leave none behind", async () => {
    const own = openStage();
    defineTasks(own.app, { context });
    const worn = prefork({ app: source(), concurrency: 1, maxTasksPerChild: 2 });
    const worker = await own.work({ pool: worn });
    const seen: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) seen.push(await own.app.send<number>("pid").get(GET));
    expect([seen[0] === seen[1], seen[2] === seen[3], seen[1] === seen[2]]).toEqual([true, true, false]);
    const last = pids(worn);
    await worker.stop();
    expect(last.filter(isRunning)).toEqual([]);
    await own.close();
  });

  it("end their children in a cold stop", async () => {
    const own = openStage();
    defineTasks(own.app, { context });
    const cold = prefork({ app: source(), concurrency: 1 });
    const worker = await own.work({ pool: cold });
    const [running, waiting] = [await own.app.send("slow"), await own.app.send("slow")];
    await vi.waitFor(async () => expect(await running.state()).toBe("STARTED"), WAIT);
    const children = pids(cold);
    await worker.kill();
    expect(children.filter(isRunning)).toEqual([]);
    expect([await running.state(), await waiting.state()]).toEqual(["FAILURE", "PENDING"]);
    expect(own.store.length("celery")).toBe(1);
    await own.close();
  });

  it.each([
    ["fails to load", "broken-app.mjs", "no database here"],
    ["has no app", "no-app.mjs", "found the exports answer"],
    ["does not exist", "nowhere.mjs", "nowhere.mjs"],
  ])("whose module %s do not start, and say why", async (_name, name, reason) => {
    const { logger } = recordLog();
    const app = createApp("test", { broker: stage.broker, logger });
    const broken = prefork({ app: new URL(moduleOf(name)), concurrency: 1 });
    const worker = createWorker(app, { pool: broken });
    await expect(worker.start()).rejects.toThrow(reason);
    expect(pids(broken)).toEqual([]);
    await worker.run(); // ended already
  });

  it("G19: end their children when the parent is killed", async () => {
    const parent = spawn(process.execPath, [new URL("./fixtures/parent.mjs", import.meta.url).pathname, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as readonly string[]; // one argument
    const children: readonly number[] = JSON.parse(line ?? "[]");
    expect(children.filter(isRunning)).toHaveLength(2);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), WAIT);
  });
});
