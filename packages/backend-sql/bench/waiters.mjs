// @ts-check
/**
 * What it costs to wait for many results, and how soon they are seen.
 *
 *   CELERIAC_POSTGRES_URL=... node bench/waiters.mjs [--waiters 2000] [--idle 10] [--no-notify]
 *
 * Measured: while nothing happens, transactions per second in the database and CPU of this process and of its connections
 * in the server (Linux, server on this machine). Then another process stores the results one by one, and the time from the
 * moment its store resolved to the moment a waiter heard is taken, for each. Not measured: the worker, the broker, pickling of
 * anything but small numbers. The database is made for the run and dropped.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { sqlBackend } from "@celeriac/backend-sql";
import pg from "pg";

const { values } = parseArgs({
  options: {
    waiters: { type: "string", default: "2000" },
    idle: { type: "string", default: "10" },
    "no-notify": { type: "boolean", default: false },
  },
});
const WAITERS = Number(values.waiters);
const IDLE_MS = 1000 * Number(values.idle);
const TICKS_PER_SECOND = 100;
const nowMs = () => performance.timeOrigin + performance.now();
const idOf = (/** @type {number} */ index) => `waiter ${index}`;

if (process.send === undefined) await measure();
else await storeAll(process.env.BENCH_URL ?? "");

/** @param {string} url */
async function storeAll(url) {
  const backend = sqlBackend(url, { notify: !values["no-notify"] });
  /** @type {number[]} */
  const storedAt = [];
  for (let index = 0; index < WAITERS; index += 1) {
    const record = { taskId: idOf(index), status: "SUCCESS", result: String(index), traceback: null, children: [] };
    await backend.store({ ...record, dateDoneMs: Date.now() });
    storedAt.push(nowMs());
  }
  await backend[Symbol.asyncDispose]();
  process.send?.(storedAt);
  process.disconnect();
}

async function measure() {
  const server = process.env.CELERIAC_POSTGRES_URL;
  if (server === undefined)
    throw new Error("Set CELERIAC_POSTGRES_URL, or run this in `pnpm services with postgres -- ...`.");
  const name = `celeriac_bench_${process.pid}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    await run(admin, name, url.href);
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

/**
 * @param {pg.Client} admin
 * @param {string} name
 * @param {string} url
 */
async function run(admin, name, url) {
  const backend = sqlBackend(url, { notify: !values["no-notify"] });
  /** @type {number[]} */
  const seenAt = [];
  let left = WAITERS;
  const done = new Promise((resolve) => {
    const hear = (/** @type {number} */ index) => {
      seenAt[index] = nowMs();
      left -= 1;
      if (left === 0) resolve(undefined);
    };
    Promise.all(
      Array.from({ length: WAITERS }, (_, index) => backend.watcher.watch(idOf(index), () => hear(index))),
    ).then(() => started());
  });
  let started = () => {};
  await new Promise((resolve) => {
    started = () => resolve(undefined);
  });
  await sleep(3000); // until the pauses between two looks have grown as long as they get
  const idle = await measureIdle(admin, name);
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
    env: { ...process.env, BENCH_URL: url },
  });
  const [storedAt] = await once(child, "message");
  await done;
  await backend[Symbol.asyncDispose]();
  const lateness = storedAt.map((/** @type {number} */ at, /** @type {number} */ index) => (seenAt[index] ?? 0) - at);
  lateness.sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
  const at = (/** @type {number} */ share) =>
    round(lateness[Math.min(lateness.length - 1, Math.floor(share * lateness.length))]);
  const seconds = (storedAt.at(-1) - storedAt[0]) / 1000;
  const report = {
    waiters: WAITERS,
    announced: !values["no-notify"],
    idle,
    storedToSeenMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    storesPerSecond: round(WAITERS / seconds),
    node: process.version,
    postgres: (await admin.query("SHOW server_version")).rows[0].server_version,
    loadAverage: round(loadavg()[0] ?? 0),
  };
  console.log(JSON.stringify(report, null, 2));
}

/**
 * @param {pg.Client} admin
 * @param {string} name
 */
async function measureIdle(admin, name) {
  const before = await sample(admin, name);
  await sleep(IDLE_MS);
  const after = await sample(admin, name);
  const seconds = (after.atMs - before.atMs) / 1000;
  return {
    seconds: round(seconds),
    queriesPerSecond: round((after.transactions - before.transactions) / seconds),
    processCpuPercent: round((100 * (after.ownCpuMs - before.ownCpuMs)) / 1000 / seconds),
    serverCpuPercent: round((100 * (after.serverCpuMs - before.serverCpuMs)) / 1000 / seconds),
  };
}

/**
 * @param {pg.Client} admin
 * @param {string} name
 */
async function sample(admin, name) {
  await sleep(1100); // PostgreSQL's counters are up to a second old
  const { rows } = await admin.query("SELECT xact_commit FROM pg_stat_database WHERE datname = $1", [name]);
  const { rows: backends } = await admin.query("SELECT pid FROM pg_stat_activity WHERE datname = $1", [name]);
  const { user, system } = process.cpuUsage();
  return {
    atMs: nowMs(),
    transactions: Number(rows[0].xact_commit),
    ownCpuMs: (user + system) / 1000,
    serverCpuMs: backends.reduce((sum, { pid }) => sum + cpuMs(pid), 0),
  };
}

/** @param {number} pid */
function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return 0; // the server is on another machine
  }
}

/** @param {number} value */
function round(value) {
  return Math.round(100 * value) / 100;
}
