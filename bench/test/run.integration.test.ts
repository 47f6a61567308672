import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../dist/run.js", import.meta.url));
const server = process.env.CELERIAC_REDIS_SERVER ?? "redis-server";

function bench(env: NodeJS.ProcessEnv, words: readonly string[]): Promise<{ readonly stdout: string }> {
  return run(process.execPath, [program, ...words], { env: { ...process.env, ...env } });
}

async function reasonToSkip(): Promise<string | undefined> {
  if (!existsSync(program)) return "bench is not built: pnpm build";
  const found = await run(server, ["--version"]).catch(() => undefined);
  return found === undefined ? "no redis-server: install it or set CELERIAC_REDIS_SERVER" : undefined;
}

const reason = await reasonToSkip();
if (reason !== undefined && process.env.CI === "true") throw new Error(`bench cannot run: ${reason}`);
if (reason !== undefined) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("pnpm bench", () => {
  it("measures every workload beside its floor, so that no benchmark rots", async () => {
    const { stdout } = await bench({ CELERIAC_PYTHON: "" }, [
      "--tasks",
      "300",
      "--reps",
      "1",
      "--trips",
      "30",
      "--headers",
      "50",
      "--steps",
      "10",
    ]);
    for (const row of [
      "enqueue, 100 in flight  celeriac",
      "enqueue in bulk         celeriac",
      "drain with results      celeriac",
      "round trip              floor, taking in one step",
    ]) {
      expect(stdout).toContain(row);
    }
    expect(stdout).toMatch(/chord of 50 +celeriac, prefork 2 +[\d.]+ ms +[\d.]+/);
    expect(stdout).toMatch(/bytes, chord of 50 +celeriac +[\d,]+ B .*messages 51/);
    expect(stdout).toMatch(/bytes, chain of 10 +celeriac +[\d,]+ B .*messages 10/);
    expect(stdout).toMatch(/round trip +celeriac, acksLate +[\d.]+ ms +[\d.]+/);
    expect(stdout).toContain("chords without Celery: CELERIAC_PYTHON is not set");
  }, 120_000);

  it.skipIf(spawnSync("rabbitmqctl", ["--version"]).error !== undefined)(
    "measures RabbitMQ beside a loop over amqplib",
    async () => {
      const { stdout } = await bench({}, ["--only", "amqp", "--reps", "1", "--tasks", "300"]);
      expect(stdout).toMatch(/RabbitMQ, publish with confirms +celeriac +[\d,]+ \/s +[\d.]+/);
      expect(stdout).toMatch(/RabbitMQ, drain with acks +celeriac, acksLate +[\d,]+ \/s +[\d.]+/);
    },
    60_000,
  );

  it.skipIf(!process.env.CELERIAC_PYTHON)(
    "measures chords beside Celery",
    async () => {
      const { stdout } = await bench({}, ["--only", "chord", "--reps", "1", "--headers", "20", "--steps", "5"]);
      expect(stdout).toMatch(/chord of 20 +celery, solo +[\d.]+ ms +[\d.]+/);
      expect(stdout).toMatch(/chord of 20 +celery, prefork 2 +[\d.]+ ms +[\d.]+/);
      expect(stdout).toMatch(/bytes, chain of 5 +celery, solo +[\d,]+ B +1.00/);
    },
    60_000,
  );
});
