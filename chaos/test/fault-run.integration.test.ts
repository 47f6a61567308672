/**
 * Small fault runs for every change: real Redis, real worker processes, real SIGKILL. They run the built programs.
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { findRedisServer } from "../src/driver/redis-server.js";

const PROGRAM = fileURLToPath(new URL("../dist/run.js", import.meta.url));
const SMALL = ["--tasks", "600", "--rate", "100", "--visibility", "2", "--seed", "11", "--minutes", "1"];
const LIMIT_MS = 90_000;

const redis = findRedisServer(process.env);
const mayRun = redis !== undefined || process.env.CI === "true";
if (!mayRun) process.stderr.write("skipped: fault runs, no redis-server (set CELERIAC_REDIS_SERVER)\n");

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

async function chaos(...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += String(chunk);
    });
  }
  const [exitCode] = await once(child, "close");
  return { exitCode, output };
}

describe.skipIf(!mayRun)("workers killed with their children", () => {
  beforeAll(() => {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build first (pnpm build).`);
  });

  it("lose nothing with late acks, and repeat only what a kill explains", { timeout: LIMIT_MS }, async () => {
    const { exitCode, output } = await chaos("late", ...SMALL, "--faults", "6", "--min-faults", "6");
    expect(output).toContain("accepted 600 · lost 0 · unexplained duplicates 0 · 6 kill-group");
    expect(exitCode, output).toBe(0);
  });

  it("start nothing twice with early ack, and lose only what was under way", { timeout: LIMIT_MS }, async () => {
    const { exitCode, output } = await chaos("early", ...SMALL, "--faults", "6", "--min-faults", "6");
    expect(output).toMatch(/accepted 600 · lost unexplained 0, .* · unexplained duplicates 0 · 6 kill-group/);
    expect(exitCode, output).toBe(0);
  });

  it("are found out when they drop messages on purpose", { timeout: LIMIT_MS }, async () => {
    const { exitCode, output } = await chaos(
      "late",
      ...SMALL,
      "--faults",
      "2",
      "--min-faults",
      "2",
      "--plant-every",
      "200",
    );
    expect(output).toMatch(/FAIL lost +3 /);
    expect(output).toContain("planted 3, all caught");
    expect(exitCode, output).toBe(0);
  });
});

describe.skipIf(!mayRun)("chords under kills and copies", () => {
  const small = [
    "--chords",
    "25",
    "--headers",
    "8",
    "--visibility",
    "2",
    "--seed",
    "12",
    "--minutes",
    "1",
    "--rate",
    "60",
  ];

  it("run each body once, with the right list", { timeout: LIMIT_MS }, async () => {
    const { exitCode, output } = await chaos("chords", ...small, "--faults", "5");
    expect(output).toContain("chords: 25 chords · never 0 · twice 0 · wrong list 0 · errbacks wrong 0 of 3");
    expect(exitCode, output).toBe(0);
  });

  it("are found out when they are spoilt on purpose", { timeout: LIMIT_MS }, async () => {
    const { exitCode, output } = await chaos("chords", ...small, "--faults", "1", "--min-faults", "0", "--plant");
    expect(output).toMatch(/FAIL chord never +1 /);
    expect(output).toMatch(/FAIL chord twice +1 /);
    expect(output).toMatch(/FAIL wrong list +1 /);
    expect(output).toContain("planted 3, all caught");
    expect(exitCode, output).toBe(0);
  });
});

describe("the chaos program", () => {
  it("says plainly when there is no redis-server", async () => {
    const child = spawn(process.execPath, [PROGRAM], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, CELERIAC_REDIS_SERVER: "/nowhere/redis-server" },
    });
    let complaint = "";
    child.stderr.on("data", (chunk) => {
      complaint += String(chunk);
    });
    const [exitCode] = await once(child, "close");
    expect(complaint).toContain("No redis-server: set CELERIAC_REDIS_SERVER");
    expect(exitCode).toBe(2);
  });
});

const hasRabbit = spawnSync("rabbitmqctl", ["--version"]).error === undefined;
if (!hasRabbit) process.stderr.write("skipped: a fault run on RabbitMQ, no rabbitmq-server\n");

describe.skipIf(!mayRun || !hasRabbit)("workers on RabbitMQ, killed while all connections are closed", () => {
  it("lose nothing and repeat only what a fault explains", { timeout: LIMIT_MS }, async () => {
    const small = [
      "--tasks",
      "400",
      "--rate",
      "50",
      "--seed",
      "11",
      "--minutes",
      "1",
      "--faults",
      "6",
      "--min-faults",
      "6",
    ];
    const { exitCode, output } = await chaos("amqp", ...small);
    expect(output).toContain("lost 0 · unexplained duplicates 0");
    expect(exitCode, output).toBe(0);
  });
});
