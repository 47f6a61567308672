// @ts-check
import { streamBackend } from "@celeriac/example-custom-backend";
import { startFaultProxy } from "@celeriac/testkit";
import { Redis } from "ioredis";

/** Where the tests' Redis is; undefined when there is none. */
export const url = process.env.CELERIAC_REDIS_URL;
if (url === undefined) {
  const missing = "there is no Redis: set CELERIAC_REDIS_URL, or see `pnpm services`.";
  if (process.env.CI === "true") throw new Error(missing);
  console.warn(`Skipped: ${missing}`);
}

let count = 0;

/**
 * Backends with keys of their own, for one case of the kit.
 * @returns {Promise<import("@celeriac/testkit").BackendFixture & { proxy: import("@celeriac/testkit").FaultProxy }>}
 */
export async function createFixture() {
  count += 1;
  const keyPrefix = `celeriac-case:${process.pid}:${Date.now()}:${count}:`;
  const server = new URL(url ?? "");
  const proxy = await startFaultProxy({ host: server.hostname, port: Number(server.port || 6379) });
  const admin = new Redis(server.href);
  const behind = new URL(server.href.replace(/^\w+:/, "redis-stream:"));
  behind.host = `127.0.0.1:${proxy.port}`;
  /** @type {import("@celeriac/core/ports").ResultBackend[]} */
  const opened = [];
  const open = () => {
    const backend = streamBackend(behind.href, { prefix: keyPrefix });
    opened.push(backend);
    return backend;
  };
  return {
    proxy,
    backend: open(),
    createPeer: open,
    putRaw: async (taskId, text) => {
      await admin.hset(`${keyPrefix}task:${taskId}`, "meta", text);
    },
    stall: async () => proxy.stall(),
    cleanup: async () => {
      await Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]()));
      await proxy.close();
      const keys = await admin.keys(`${keyPrefix}*`);
      if (keys.length > 0) await admin.del(...keys);
      admin.disconnect();
    },
  };
}
