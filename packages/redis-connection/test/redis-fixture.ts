/**
 * A real redis-server of our own for tests: found through CELERIAC_REDIS_SERVER or on PATH, on a free port, in a folder
 * of its own, gone afterwards.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

const BINARY = process.env.CELERIAC_REDIS_SERVER ?? "redis-server";

/** Whether a server can be started; says so once when not, and fails where it must be there. */
export const hasRedisServer: boolean = (() => {
  if (spawnSync(BINARY, ["--version"]).status === 0) return true;
  const reason = `no "${BINARY}": install redis-server or set CELERIAC_REDIS_SERVER`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return false;
})();

export interface RedisFixture {
  readonly port: number;
  readonly url: string;
  /** A new plain client, for looking behind the adapter's back. Disconnected by `stop`. */
  client(): Redis;
  /** Ends the server with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  readonly folder: string;
}

/** @param args - As on the command line: `["--maxmemory", "2mb"]`. A `{folder}` is replaced. */
export async function startRedis(args: readonly string[] = [], port?: number): Promise<RedisFixture> {
  const folder = mkdtempSync(join(tmpdir(), "celeriac-redis-"));
  const chosen = port ?? (await freePort());
  const clients: Redis[] = [];
  let server: ChildProcess | undefined;
  const fixture: RedisFixture = {
    port: chosen,
    url: `redis://127.0.0.1:${chosen}/0`,
    folder,
    client: () => {
      const client = new Redis(chosen, "127.0.0.1", { maxRetriesPerRequest: 3 });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    kill: async () => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "exit");
    },
    start: async () => {
      const own = args.map((arg) => arg.replaceAll("{folder}", folder));
      const isSentinel = own.includes("--sentinel"); // its configuration file comes first, and it saves nothing
      const rest = ["--port", String(chosen), "--save", "", "--appendonly", "no", "--dir", folder];
      server = spawn(BINARY, isSentinel ? own : [...rest, ...own], { stdio: ["ignore", "pipe", "pipe"] });
      await listening(server);
    },
    pause: () => {
      server?.kill("SIGSTOP");
    },
    resume: () => {
      server?.kill("SIGCONT");
    },
    stop: async () => {
      for (const client of clients) client.disconnect();
      await fixture.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await fixture.start();
  return fixture;
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    server.stdout?.on("data", (chunk) => {
      log += String(chunk);
      if (/Ready to accept connections|Sentinel ID is/.test(log)) resolve();
    });
    server.once("exit", () => reject(new Error(`redis-server did not start: ${log}`)));
  });
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
