import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const example = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
let worker: ChildProcess;

/** The programs as a reader starts them: built, in processes of their own. */
function start(program: string): ChildProcess {
  const file = join(example, "dist", program);
  if (!existsSync(file)) throw new Error(`${file} is not built. Run: npx tsc -b examples/hello`);
  const env = { ...process.env, HELLO_FOLDER: folder };
  return spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
}

async function outputOf(program: ChildProcess): Promise<string> {
  const chunks: Buffer[] = [];
  program.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(program, "close");
  expect(code).toBe(0);
  return Buffer.concat(chunks).toString("utf8");
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "celeriac-hello-"));
  worker = start("worker.js");
});

afterEach(async () => {
  if (worker.exitCode === null && worker.signalCode === null) {
    worker.kill("SIGKILL");
    await once(worker, "exit");
  }
  await rm(folder, { recursive: true, force: true });
});

it("prints what the README promises, and the worker ends cleanly on SIGTERM", async () => {
  const expected = await readFile(join(example, "expected.txt"), "utf8");
  expect(await outputOf(start("producer.js"))).toBe(expected);

  worker.kill("SIGTERM");
  const [code, signal] = await once(worker, "exit");
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});
