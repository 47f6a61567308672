// @ts-check
/**
 * What many who wait for results cost, and how soon they hear. Start it in a workspace that is built:
 *
 *   pnpm services with mongo -- node packages/backend-mongo/bench/waiters.mjs [--waiters 2000] [--idle 10] [--rate 200]
 *
 * One process waits, through one backend; another one stores. Prints JSON: queries per second and CPU while nothing happens,
 * and the time from an acknowledged store to its being heard of. The server's own CPU is read where it is ours (Linux).
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MongoClient } from "mongodb";
import { mongoBackend } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    waiters: { type: "string", default: "2000" },
    idle: { type: "string", default: "10" },
    rate: { type: "string", default: "200" },
    "server-pid": { type: "string" },
    database: { type: "string" },
  },
});
const url = process.env.CELERIAC_MONGO_URL ?? "mongodb://localhost";
const now = () => performance.timeOrigin + performance.now();

if (values.database === undefined) await wait();
else await store(values.database);

async function wait() {
  const database = `celeriac_bench_${process.pid}`;
  const [waiters, idleSeconds] = [Number(values.waiters), Number(values.idle)];
  const client = await new MongoClient(url, { monitorCommands: true }).connect();
  let queries = 0;
  client.on("commandStarted", ({ commandName }) => {
    if (commandName === "find") queries += 1;
  });
  const backend = mongoBackend(client, { database });
  /** @type {Map<string, number>} */
  const seenAt = new Map();
  const startedAt = now();
  const ids = Array.from({ length: waiters }, (_, index) => `task-${index}`);
  await Promise.all(
    ids.map((id) =>
      backend.watcher.watch(id, ({ status }) => {
        if (status === "SUCCESS") seenAt.set(id, now());
      }),
    ),
  );
  const watching = { tookMs: round(now() - startedAt), queries };

  const idle = await measure(
    () => sleep(idleSeconds * 1_000),
    () => queries,
  );
  /** @type {Map<string, number>} */
  const storedAt = new Map();
  const child = fork(fileURLToPath(import.meta.url), [
    ...["--database", database, "--waiters", String(waiters), "--rate", String(values.rate)],
  ]);
  child.on("message", (/** @type {{ id: string, at: number }} */ { id, at }) => storedAt.set(id, at));
  const busy = await measure(
    async () => {
      const [code] = await once(child, "exit");
      if (code !== 0) throw new Error(`the storing process ended with code ${code}`);
      while (seenAt.size < waiters) await sleep(10);
    },
    () => queries,
  );
  const delays = ids.map((id) => (seenAt.get(id) ?? 0) - (storedAt.get(id) ?? 0)).sort((a, b) => a - b);
  const info = await client.db(database).admin().command({ buildInfo: 1 });
  console.log(
    JSON.stringify(
      {
        server: `${info.ferretdbVersion === undefined ? "MongoDB" : "FerretDB"} ${info.version}`,
        node: process.version,
        waiters,
        storesPerSecond: Number(values.rate),
        watching,
        idle,
        busy,
        storedToSeenMs: { p50: at(delays, 0.5), p95: at(delays, 0.95), p99: at(delays, 0.99), max: at(delays, 1) },
      },
      null,
      2,
    ),
  );
  await backend[Symbol.asyncDispose]();
  await client.db(database).dropDatabase();
  await client.close();
}

/** @param {string} database */
async function store(database) {
  const client = await new MongoClient(url).connect();
  const backend = mongoBackend(client, { database });
  const pauseMs = 1_000 / Number(values.rate);
  const rest = { traceback: null, children: [], dateDoneMs: Date.now() };
  /** @type {Promise<void>[]} */
  const stores = [];
  for (let index = 0; index < Number(values.waiters); index += 1) {
    const id = `task-${index}`;
    const stored = backend.store({ taskId: id, status: "SUCCESS", result: "5", ...rest });
    stores.push(stored.then(() => void process.send?.({ id, at: now() })));
    await sleep(pauseMs);
  }
  await Promise.all(stores);
  await backend[Symbol.asyncDispose]();
  await client.close();
  process.disconnect?.();
}

/**
 * @param {() => Promise<unknown>} work
 * @param {() => number} countQueries
 */
async function measure(work, countQueries) {
  const [queries, server, startedAt, cpu] = [countQueries(), serverCpuMs(), now(), process.cpuUsage()];
  await work();
  const seconds = (now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const serverMs = serverCpuMs();
  return {
    seconds: round(seconds),
    queriesPerSecond: round((countQueries() - queries) / seconds),
    cpuPercent: round((user + system) / 10_000 / seconds),
    ...(serverMs === undefined || server === undefined
      ? {}
      : { serverCpuPercent: round((serverMs - server) / 10 / seconds) }),
  };
}

/** @returns {number | undefined} User and system time of the server in milliseconds. */
function serverCpuMs() {
  const pid = values["server-pid"];
  if (pid === undefined) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * @param {readonly number[]} sorted
 * @param {number} share
 */
function at(sorted, share) {
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
