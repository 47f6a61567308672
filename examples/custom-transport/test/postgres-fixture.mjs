// @ts-check

import { readFileSync } from "node:fs";
import { postgresBroker } from "@celeriac/example-custom-transport";
import pg from "pg";

/** Where the tests' PostgreSQL is; undefined when there is none. */
export const url = process.env.CELERIAC_POSTGRES_URL;
if (url === undefined) {
  const missing = "there is no PostgreSQL: set CELERIAC_POSTGRES_URL, or see `pnpm services`.";
  if (process.env.CI === "true") throw new Error(missing);
  console.warn(`Skipped: ${missing}`);
}

const tables = readFileSync(new URL("../tables.sql", import.meta.url), "utf8");
let count = 0;

/**
 * Brokers in a schema of their own, for one case of the kit.
 * @returns {Promise<import("@celeriac/testkit").BrokerFixture & Record<"cut" | "stall" | "resume", () => Promise<void>> & { url: string }>}
 */
export async function createFixture() {
  count += 1;
  const schema = `celeriac_case_${process.pid}_${Date.now()}_${count}`;
  const own = new URL(url ?? "");
  own.searchParams.set("options", `-c search_path=${schema}`);
  own.searchParams.set("application_name", schema);
  const ownUrl = own.href.replace(/^\w+:/, "pgqueue:");
  const admin = new pg.Client({ connectionString: own.href });
  await admin.connect();
  await admin.query(`CREATE SCHEMA ${schema}; ${tables}`);
  /** @type {import("@celeriac/core/ports").Broker[]} */
  const opened = [];
  const open = () => {
    const broker = postgresBroker(ownUrl);
    opened.push(broker);
    return broker;
  };
  return {
    url: ownUrl,
    broker: open(),
    createPeer: open,
    mostUrgentPriority: 9,
    putRaw: async (queue, bytes) => {
      const put = "INSERT INTO celeriac_message (queue, priority, raw) VALUES ($1, 0, $2)";
      await admin.query(put, [queue, Buffer.from(bytes)]);
    },
    /** Ends every connection but ours. */
    cut: async () => {
      const others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> $2";
      const { rows } = await admin.query("SELECT pg_backend_pid() AS pid");
      await admin.query(others, [schema, rows[0].pid]);
    },
    // Whoever wants the table now waits for us.
    stall: async () => {
      await admin.query("BEGIN");
      await admin.query("LOCK TABLE celeriac_message");
    },
    resume: async () => {
      await admin.query("ROLLBACK");
    },
    cleanup: async () => {
      await admin.query("ROLLBACK");
      await Promise.all(opened.map((broker) => broker[Symbol.asyncDispose]()));
      // Whoever was cut off may still be at work in the server; tables are locked in the order in which it does.
      await admin.query(`BEGIN; LOCK TABLE celeriac_binding, celeriac_message; DROP SCHEMA ${schema} CASCADE; COMMIT`);
      await admin.end();
    },
  };
}
