import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { Redis } from "ioredis";
import { endProcess, OutputTail } from "../peer/child-process.js";

/** A Redis for one suite. `keyPrefix` is empty when nobody else uses the server. */
export interface RedisStage extends AsyncDisposable {
  readonly url: string;
  readonly keyPrefix: string;
}

/** Where a stage can come from, or why there is none. */
export type FoundRedis = { readonly binary: string } | { readonly url: string } | { readonly missing: string };

/**
 * A server of our own is preferred: suites then use the plain key layout, as users do, and cannot meet. A server that
 * is only known by `CELERIAC_REDIS_URL` is shared, so there every key of a suite gets a prefix, and nothing is flushed.
 */
export function findRedis(env: NodeJS.ProcessEnv = process.env): FoundRedis {
  const binary = env.CELERIAC_REDIS_SERVER ?? onPath("redis-server", env);
  if (binary !== undefined && binary !== "") return { binary };
  const url = env.CELERIAC_REDIS_URL ?? "";
  return url === "" ? { missing: "no redis-server on PATH, and CELERIAC_REDIS_URL is not set" } : { url };
}

/** @throws Error when there is no Redis or it does not start. */
export async function openRedisStage(found: FoundRedis = findRedis()): Promise<RedisStage> {
  if ("missing" in found) throw new Error(found.missing);
  if ("binary" in found) return startServer(found.binary);
  return { url: found.url, keyPrefix: `interop-${randomUUID()}:`, async [Symbol.asyncDispose]() {} };
}

const START_MS = 10_000;

async function startServer(binary: string): Promise<RedisStage> {
  const port = await freePort();
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const server = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = new OutputTail(server);
  const started = await Promise.race([
    output.includes("Ready to accept connections").then(() => true),
    once(server, "exit").then(() => false),
    once(AbortSignal.timeout(START_MS), "abort").then(() => false),
  ]);
  const url = `redis://127.0.0.1:${port}/0`;
  // Somebody may have taken the port first; then this is their server, and none of our business.
  if (!started || !(await answersAs(url, server))) {
    await endProcess(server);
    throw new Error(`redis-server did not start on port ${port}:\n${output.text}`);
  }
  return { url, keyPrefix: "", [Symbol.asyncDispose]: () => endProcess(server) };
}

async function answersAs(url: string, server: ChildProcess): Promise<boolean> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return (await redis.info("server")).includes(`process_id:${server.pid}\r`);
  } finally {
    redis.disconnect();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No free TCP port on 127.0.0.1.");
  return address.port;
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
