/**
 * Who takes part in the chord measurement: each a worker process and a client that times what it sends.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import * as floor from "./floor/chord.js";
import * as ours from "./ours/chord.js";

/** One contestant while it runs. Both give milliseconds from the send to the result. */
export interface ChordRunner extends AsyncDisposable {
  chord(size: number): Promise<number>;
  /** Absent where there is none to compare. */
  chain?(steps: number): Promise<number>;
}

export interface ChordContestant {
  readonly who: string;
  /** Slow ones are asked less often. */
  readonly isSlow: boolean;
  start(url: string, queue: string): Promise<ChordRunner>;
}

export const NODE_CONTESTANTS: readonly ChordContestant[] = [
  { who: "floor", isSlow: false, start: startFloor },
  { who: "celeriac", isSlow: false, start: (url, queue) => startOurs("async", url, queue) },
  { who: "celeriac, prefork 2", isSlow: false, start: (url, queue) => startOurs("prefork", url, queue) },
];

/** Celery itself, as `CELERIAC_PYTHON` has it; or why not. */
export function findCelery(env: NodeJS.ProcessEnv): { readonly python: string; readonly version: string } | string {
  const python = env.CELERIAC_PYTHON ?? "";
  if (python === "") return "CELERIAC_PYTHON is not set (pnpm services up python)";
  const { status, stdout } = spawnSync(python, ["-c", "import celery, redis; print(celery.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? { python, version: stdout.trim() } : `${python} cannot import celery and redis`;
}

export function celeryContestants(python: string): readonly ChordContestant[] {
  const start = (pool: readonly string[]) => (url: string, queue: string) => startCelery(python, pool, url, queue);
  return [
    { who: "celery, solo", isSlow: true, start: start(["-P", "solo"]) },
    { who: "celery, prefork 2", isSlow: true, start: start(["-P", "prefork", "-c", "2"]) },
  ];
}

const STOP_MS = 5000;
const PYTHON_FOLDER = fileURLToPath(new URL("../python/", import.meta.url));

async function startFloor(url: string, queue: string): Promise<ChordRunner> {
  const worker = await forkWorker("floor", url, queue);
  const [redis, listening] = [new Redis(url), new Redis(url)];
  return {
    chord: (size) => floor.runChord(redis, listening, queue, size),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      listening.disconnect();
      await end(worker);
    },
  };
}

async function startOurs(role: "async" | "prefork", url: string, queue: string): Promise<ChordRunner> {
  const worker = await forkWorker(role, url, queue);
  const app = ours.createChordApp(url, queue);
  return {
    chord: (size) => ours.runChord(app, size),
    chain: (steps) => ours.runChain(app, steps),
    async [Symbol.asyncDispose]() {
      await app.close();
      await end(worker);
    },
  };
}

async function forkWorker(role: string, url: string, queue: string): Promise<ChildProcess> {
  const worker = fork(new URL("./chord-worker.js", import.meta.url), [role, url, queue], { execArgv: [] });
  await once(worker, "message");
  return worker;
}

async function startCelery(python: string, pool: readonly string[], url: string, queue: string): Promise<ChordRunner> {
  const env = {
    ...process.env,
    CELERIAC_BENCH_URL: url,
    CELERIAC_BENCH_QUEUE: queue,
    PYTHONPATH: PYTHON_FOLDER,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const command = ["-m", "celery", "-A", "bench_chord", "worker", "--loglevel", "CRITICAL", ...pool];
  const worker = spawn(python, command, { env, stdio: ["ignore", "ignore", "inherit"] });
  const client = spawn(python, ["-m", "bench_chord"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const ask = async (what: string, count: number): Promise<number> => {
    client.stdin.write(`${what} ${count}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error("The Python client ended.");
    return Number(value);
  };
  return {
    chord: (size) => ask("chord", size),
    chain: (steps) => ask("chain", steps),
    async [Symbol.asyncDispose]() {
      await Promise.all([end(worker), end(client)]);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const isGone = await Promise.race([exited.then(() => true), sleep(STOP_MS, false)]);
  if (!isGone) child.kill("SIGKILL");
  await exited;
}
