import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A Redis server of our own, without persistence: nobody else's traffic is measured. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** `redis://127.0.0.1:<port>/<db>` */
  url(db: number): string;
}

/** @throws Error when there is no `redis-server`; `CELERIAC_REDIS_SERVER` names another binary. */
export async function startRedis(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), "celeriac-bench-"));
  const port = await freePort();
  const binary = process.env.CELERIAC_REDIS_SERVER ?? "redis-server";
  const child = spawn(
    binary,
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
    { stdio: "ignore" },
  );
  await Promise.race([
    once(child, "spawn"),
    once(child, "error").then(([error]) => {
      throw new Error(
        `No Redis server to measure against: ${String(error)}. Install redis-server or set CELERIAC_REDIS_SERVER.`,
      );
    }),
  ]);
  const version = await waitUntilUp(port);
  return {
    port,
    version,
    url: (db) => `redis://127.0.0.1:${port}/${db}`,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitUntilUp(port: number): Promise<string> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => undefined); // refused until the server listens
  const info = await client.info("server");
  client.disconnect();
  return /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([exited, sleep(3000)]);
  child.kill("SIGKILL");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
