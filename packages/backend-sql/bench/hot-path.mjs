// @ts-check
/**
 * What storing and fetching results costs by our own statements, and by typeorm's query builder and repositories on the same
 * DataSource: the figures of docs/decisions/0015.
 *
 *   pnpm services with postgres mariadb -- node bench/hot-path.mjs [--rounds 500]
 *
 * Measured: batches of 1 and 50 results, each stored as new rows and then fetched; milliseconds per batch as the caller sees
 * them, and CPU of this process per result. All write the same columns with the same bytes, and the time to encode them is in.
 * `keepsSuccess` says, by trying, whether a later STARTED leaves a stored SUCCESS as it is. On PostgreSQL ours announces
 * what it stores; the others do not. Not measured: workers, brokers, the server's CPU. The databases are made for the run and dropped.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readTaskRow, resultEntities, resultMigrations, sqlBackend } from "@celeriac/backend-sql";
import { writePickle } from "@celeriac/pickle";
import { DataSource, In } from "typeorm";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "500" } } });
const ROUNDS = Number(values.rounds);
const WARM_UP = 100;
const PROPERTIES = ["taskId", "status", "result", "dateDone", "traceback", "celeriacExtra"];
const COLUMNS = ["status", "result", "date_done", "traceback", "celeriac_extra"];

/** @typedef {{ store(ids: readonly string[], status: string): Promise<unknown>, fetch(ids: readonly string[]): Promise<unknown[]> }} Way */

/** In a database of the run's own. @param {string} name @param {string} title @param {string} url */
async function measureDatabase(name, title, url) {
  if (name === "sqlite") {
    const folder = mkdtempSync(join(tmpdir(), "celeriac-bench-"));
    const driver = createRequire(import.meta.url)("libsql");
    const options = { type: "better-sqlite3", database: join(folder, "results.db"), driver };
    return measureSource(name, title, options).finally(() => rmSync(folder, { recursive: true }));
  }
  // The union of typeorm's options is narrowed by `type`, which is one of three here.
  const admin = await new DataSource(/** @type {any} */ ({ type: name, url })).initialize();
  const database = `celeriac_bench_${process.pid}`;
  await admin.query(`CREATE DATABASE ${database}`);
  try {
    const own = new URL(url);
    own.pathname = `/${database}`;
    return await measureSource(name, title, { type: name, url: own.href });
  } finally {
    await admin.query(`DROP DATABASE ${database}`);
    await admin.destroy();
  }
}

/** @param {string} name @param {string} title @param {object} options */
async function measureSource(name, title, options) {
  const entities = resultEntities({ dialect: /** @type {"postgres" | "mariadb" | "sqlite"} */ (name) });
  const tables = { entities: entities.all, migrations: resultMigrations() };
  const source = await new DataSource(/** @type {any} */ ({ ...options, ...tables })).initialize();
  try {
    await source.runMigrations();
    const backend = sqlBackend(source, { createTables: false });
    const ways = Object.entries(WAYS).map(([way, create]) => ({ way, ...create({ source, entities, backend, name }) }));
    const found = [];
    for (const size of [1, 50]) {
      const ids = (/** @type {string} */ way, /** @type {number} */ index) =>
        Array.from({ length: size }, (_, row) => `${way} ${size} ${index} ${row}`);
      const stores = await measure(
        size,
        ways.map(
          ({ way, store }) =>
            (index) =>
              store(ids(way, index), "SUCCESS"),
        ),
      );
      const fetches = await measure(
        size,
        ways.map(
          ({ way, fetch }) =>
            (index) =>
              fetch(ids(way, index)),
        ),
      );
      for (const [index, { way, store }] of ways.entries()) {
        const keepsSuccess = await isGuarded(store, backend, `guard ${way} ${size}`);
        found.push({ database: title, way, keepsSuccess, batch: size, store: stores[index], fetch: fetches[index] });
        console.error(JSON.stringify(found.at(-1)));
      }
    }
    await backend[Symbol.asyncDispose]();
    return found;
  } finally {
    await source.destroy();
  }
}

/** @param {Way["store"]} store @param {import("@celeriac/core/ports").ResultBackend} backend @param {string} id */
async function isGuarded(store, backend, id) {
  await store([id], "SUCCESS");
  await store([id], "STARTED");
  return (await backend.fetch(id))?.status === "SUCCESS";
}

/** In turns, so that what else runs on the machine slows all down alike. @param {number} size @param {((index: number) => Promise<unknown>)[]} works */
async function measure(size, works) {
  const taken = works.map(() => ({ times: /** @type {number[]} */ ([]), cpuMicros: 0 }));
  for (let index = -WARM_UP; index < ROUNDS; index += 1) {
    for (const [position, work] of works.entries()) {
      const before = process.cpuUsage();
      const from = performance.now();
      await work(index);
      const ms = performance.now() - from;
      const { user, system } = process.cpuUsage(before);
      const one = taken[position];
      if (index < 0 || one === undefined) continue;
      one.times.push(ms);
      one.cpuMicros += user + system;
    }
  }
  return taken.map(({ times, cpuMicros }) => {
    times.sort((left, right) => left - right);
    const at = (/** @type {number} */ part) => round(times[Math.floor(part * times.length)] ?? 0);
    return { p50Ms: at(0.5), p95Ms: at(0.95), cpuMicrosPerResult: round(cpuMicros / (ROUNDS * size)) };
  });
}

/** @param {string} id @param {string} status */
function recordOf(id, status) {
  const rest = { traceback: null, children: [], dateDoneMs: status === "SUCCESS" ? Date.now() : null };
  return { taskId: id, status, result: JSON.stringify({ of: id }), ...rest };
}

/** What the columns of a record are, without our encoder, which is in the measurement of ours. @param {string} id @param {string} status */
function rowOf(id, status) {
  const extra = JSON.stringify({
    task_id: id,
    status,
    children: [],
    result: null,
    date_done: new Date().toISOString(),
  });
  return {
    taskId: id,
    status,
    result: Buffer.from(writePickle({ of: id })),
    dateDone: new Date(),
    traceback: null,
    celeriacExtra: extra,
  };
}

/**
 * @typedef {object} Given
 * @property {DataSource} source
 * @property {import("@celeriac/backend-sql").ResultEntities} entities
 * @property {import("@celeriac/core/ports").ResultBackend} backend
 * @property {string} name
 */

/** @type {Record<string, (given: Given) => Way>} */
const WAYS = {
  ours: ({ backend }) => ({
    store: (ids, status) => Promise.all(ids.map((id) => backend.store(recordOf(id, status)))),
    fetch: (ids) => Promise.all(ids.map((id) => backend.fetch(id))),
  }),
  "query builder": ({ source, entities, name }) => {
    const { tableName } = source.getRepository(entities.task).metadata;
    const overwriteCondition = { where: `${tableName}.status <> :final`, parameters: { final: "SUCCESS" } };
    return {
      store: (ids, status) =>
        source
          .createQueryBuilder()
          .insert()
          .into(entities.task, [...(name === "sqlite" ? [] : ["id"]), ...PROPERTIES])
          .values(ids.map((id) => ({ ...nextId(name), ...rowOf(id, status) })))
          .orUpdate(COLUMNS, ["task_id"], { overwriteCondition })
          .updateEntity(false)
          .execute(),
      fetch: fetcherOf(source, entities),
    };
  },
  "find, then save": ({ source, entities, name }) => ({
    // In a transaction, and still a race: nothing keeps a SUCCESS from coming between the two.
    store: (ids, status) =>
      source.transaction(async (manager) => {
        const repository = manager.getRepository(entities.task);
        const there = new Map((await repository.findBy({ taskId: In([...ids]) })).map((row) => [row.taskId, row]));
        const open = ids.filter((id) => there.get(id)?.status !== "SUCCESS");
        const fresh = await takeIds(source, name, open.filter((id) => !there.has(id)).length);
        const rows = open.map((id) => ({ id: there.get(id)?.id ?? fresh.shift(), ...rowOf(id, status) }));
        await repository.save(/** @type {import("@celeriac/backend-sql").TaskResultRow[]} */ (rows));
      }),
    fetch: fetcherOf(source, entities),
  }),
};

/** @param {DataSource} source @param {import("@celeriac/backend-sql").ResultEntities} entities @returns {Way["fetch"]} */
function fetcherOf(source, entities) {
  const repository = source.getRepository(entities.task);
  return async (ids) => (await repository.findBy({ taskId: In([...ids]) })).map((row) => readTaskRow(row));
}

/** typeorm knows no sequences, so this is SQL by hand. @param {string} name */
function nextId(name) {
  if (name === "sqlite") return {};
  return { id: () => (name === "postgres" ? "nextval('task_id_sequence')" : "NEXTVAL(task_id_sequence)") };
}

/** @param {DataSource} source @param {string} name @param {number} count @returns {Promise<number[]>} */
async function takeIds(source, name, count) {
  if (name === "sqlite" || count === 0) return [];
  const next = name === "postgres" ? "nextval('task_id_sequence')" : "NEXTVAL(task_id_sequence)";
  const series = name === "postgres" ? `generate_series(1, ${count})` : `seq_1_to_${count}`;
  const rows = await source.query(`SELECT ${next} AS id FROM ${series}`);
  return rows.map((/** @type {{ id: string }} */ { id }) => Number(id));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}

const databases = [
  { name: "postgres", title: "PostgreSQL", url: process.env.CELERIAC_POSTGRES_URL },
  { name: "mariadb", title: "MariaDB", url: process.env.CELERIAC_MARIADB_URL },
  { name: "sqlite", title: "SQLite", url: "file" },
];
const results = [];
for (const database of databases) {
  if (database.url === undefined) console.error(`Skipped: no ${database.title}.`);
  else results.push(...(await measureDatabase(database.name, database.title, database.url)));
}
const machine = { node: process.version, cpus: cpus().length, loadAverage: round(loadavg()[0] ?? 0), rounds: ROUNDS };
console.log(JSON.stringify({ machine, results }, undefined, 2));
