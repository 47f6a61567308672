// @ts-check
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { askMongo } from "./mongo-command.mjs";

const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
const SET = "celeriac";

/**
 * Starts a mongod that outlives this process and listens on 127.0.0.1 only, as a replica set of one: change streams need
 * a set. Its data folder is made anew.
 * @param {{ binary: string, folder: string, port: number }} options
 * @returns {Promise<{ pid: number, url: string }>} Resolves when it takes writes.
 * @throws Error naming the log file.
 */
export async function startMongod({ binary, folder, port }) {
  const data = emptyFolder(folder);
  const args = ["--dbpath", data, "--bind_ip", "127.0.0.1", "--port", String(port), "--replSet", SET];
  const { pid, url } = await startProcess({ binary, args, folder, port });
  await makeReplicaSet(url, `127.0.0.1:${port}`);
  return { pid, url };
}

/**
 * Starts FerretDB as `ferretdb/main.go` has it. Its data folder is made anew.
 * @param {{ binary: string, folder: string, port: number }} options
 * @returns {Promise<{ pid: number, url: string }>} Resolves when it answers.
 * @throws Error naming the log file.
 */
export async function startFerretdb({ binary, folder, port }) {
  return startProcess({ binary, args: [`127.0.0.1:${port}`, emptyFolder(folder)], folder, port });
}

/** @param {string} folder */
function emptyFolder(folder) {
  const data = join(folder, "data");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  return data;
}

/**
 * @param {string} url
 * @param {string} host - The server as it finds itself.
 * @returns {Promise<void>} Resolves when it takes writes.
 */
export async function makeReplicaSet(url, host) {
  const config = { _id: SET, members: [{ _id: 0, host }] };
  await askMongo(url, { replSetInitiate: config }).catch((error) => {
    if (!/already initialized/i.test(error.message)) throw error;
  });
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    const { isWritablePrimary } = await askMongo(url, { hello: 1 });
    if (isWritablePrimary === true) return;
    await sleep(POLL_MS);
  }
  throw new Error("the replica set of one mongod did not elect it");
}

/** @param {{ binary: string, args: readonly string[], folder: string, port: number }} options */
async function startProcess({ binary, args, folder, port }) {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "mongo.log");
  const output = openSync(log, "w");
  const child = spawn(binary, args, { detached: true, stdio: ["ignore", output, output], cwd: folder });
  closeSync(output);
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined); // raced below; the loser must not count as unhandled
  child.unref();
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await Promise.race([failed, untilAnswering(child, url, log)]);
  return { pid: child.pid ?? 0, url };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} url
 * @param {string} log
 */
async function untilAnswering(child, url, log) {
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    const answers = await askMongo(url, { hello: 1 }).then(
      () => true,
      () => false,
    );
    // Somebody else may have taken the port between our look and the server's: then ours ends.
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}; see ${log}`);
    if (answers) return;
    await sleep(POLL_MS);
  }
  const pid = child.pid ?? 0;
  if (isProcessAlive(pid)) await endProcess(pid);
  throw new Error(`the server did not answer within ${START_LIMIT_MS / 1000} s; see ${log}`);
}
