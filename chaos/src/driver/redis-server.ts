/**
 * A Redis of our own for one run: its own port, its own folder, nothing kept.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, openSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RespClient } from "../auditor/resp-client.js";

export interface OwnRedis extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** A connection of the driver's, for counting. */
  readonly client: RespClient;
}

const HOST = "127.0.0.1";
const START_MS = 10_000;

/** The binary named by `CELERIAC_REDIS_SERVER`, or `redis-server` or `valkey-server` on PATH; `undefined`: none. */
export function findRedisServer(env: NodeJS.ProcessEnv): string | undefined {
  const named = env.CELERIAC_REDIS_SERVER;
  if (named !== undefined && named !== "") return isExecutable(named) ? named : undefined;
  const folders = (env.PATH ?? "").split(delimiter);
  const candidates = ["redis-server", "valkey-server"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

/** @throws Error when it does not answer in time. */
export async function startRedis(binary: string, dir: string): Promise<OwnRedis> {
  const port = await freePort();
  const log = openSync(join(dir, "redis.log"), "a");
  const settings = ["--port", String(port), "--bind", HOST, "--dir", dir, "--save", "", "--appendonly", "no"];
  const server = spawn(binary, settings, { stdio: ["ignore", log, log] });
  const exited = once(server, "exit");
  const abandon = (): boolean => server.kill("SIGKILL");
  process.once("exit", abandon);
  const client = await connectWithin(port, START_MS).catch((error: unknown) => {
    server.kill("SIGKILL");
    throw new Error(`${binary} did not start; see ${join(dir, "redis.log")}.`, { cause: error });
  });
  return {
    host: HOST,
    port,
    client,
    async [Symbol.asyncDispose](): Promise<void> {
      client[Symbol.dispose]();
      server.kill("SIGTERM");
      await exited;
      process.off("exit", abandon);
    },
  };
}

async function connectWithin(port: number, withinMs: number): Promise<RespClient> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    try {
      const client = await RespClient.open({ host: HOST, port });
      await client.send("PING");
      return client;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await pause(20);
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo; // a TCP server that listens has one
  probe.close();
  await once(probe, "close");
  return port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
