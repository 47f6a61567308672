// @ts-check
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { findBinary } from "../workspace/find-binary.mjs";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";
import { isProcessAlive } from "./process-life.mjs";
import { askRedis } from "./redis/resp.mjs";

const script = inWorkspace("tooling", "services", "services.mjs");
const skip = findBinary("redis-server") === undefined ? "redis-server is not on PATH" : false;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "celeriac-services-"));
});
afterEach(async () => {
  await services("down", "redis");
  rmSync(folder, { recursive: true, force: true });
});

/** @param {readonly string[]} args */
function services(...args) {
  return runWith({}, args);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 */
function runWith(env, args) {
  const alone = { CELERIAC_SERVICES_FOLDER: folder, CELERIAC_REDIS_URL: "", CELERIAC_NO_INSTALL: "1" };
  return runCommand(process.execPath, [script, ...args], { quiet: true, env: { ...alone, ...env } });
}

/** @returns {{ pid: number, env: Record<string, string> }} */
function remembered() {
  return JSON.parse(readFileSync(join(folder, "state.json"), "utf8")).provisions.redis;
}

test("starts one server however many ask at once, and ends it", { skip }, async () => {
  const [first, second] = await Promise.all([services("up", "redis"), services("up", "redis")]);
  assert.deepEqual([first.code, second.code], [0, 0], first.output + second.output);
  const { pid, env } = remembered();
  const named = (first.output + second.output).match(/pid \d+/g);
  assert.deepEqual(named, [`pid ${pid}`, `pid ${pid}`]);
  assert.deepEqual(await askRedis(env.CELERIAC_REDIS_URL ?? "", [["PING"]]), ["PONG"]);
  assert.deepEqual(await askRedis(`redis+socket://${env.CELERIAC_REDIS_SOCKET}`, [["PING"]]), ["PONG"]);

  await services("down", "redis");
  assert.equal(isProcessAlive(pid), false);
});

test("replaces a server that was killed, on the same port", { skip }, async () => {
  await services("up", "redis");
  const before = remembered();
  process.kill(before.pid, "SIGKILL");
  while (isProcessAlive(before.pid)) await new Promise(setImmediate);
  assert.match((await services("status", "redis")).output, /missing/);

  assert.equal((await services("up", "redis")).code, 0);
  assert.notEqual(remembered().pid, before.pid);
  assert.equal(remembered().env.CELERIAC_REDIS_URL, before.env.CELERIAC_REDIS_URL);
});

test("gives a command its services, passes on its exit code, and stops what it started", { skip }, async () => {
  const program = "console.log(process.env.CELERIAC_REDIS_URL); process.exit(7)";
  const { code, output } = await services("with", "redis", "--", process.execPath, "-e", program);
  assert.equal(code, 7);
  await assert.rejects(askRedis(output.trim(), [["PING"]]), /ECONNREFUSED/);
});

test("leaves a server running that was there before the command", { skip }, async () => {
  await services("up", "redis");
  await services("with", "redis", "--", process.execPath, "-e", "");
  assert.equal(isProcessAlive(remembered().pid), true);
});

test("does not fall back when the environment names a server that is not there", async () => {
  const { code, output } = await runWith({ CELERIAC_REDIS_URL: "redis://127.0.0.1:1" }, ["up", "redis"]);
  assert.equal(code, 1);
  assert.match(output, /CELERIAC_REDIS_URL is set, but no Redis answers there/);
  assert.equal(existsSync(join(folder, "state.json")), false);
});

test("refuses the name of a service it does not know", async () => {
  const { code, output } = await services("up", "reddis");
  assert.equal(code, 1);
  assert.match(output, /Unknown service "reddis"\. Known: redis, .*python\./);
});
