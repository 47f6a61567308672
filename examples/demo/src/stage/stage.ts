/**
 * The folder, the worker's process and the producer's app. Closing it leaves nothing behind: no process, no file.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDemo, type Demo } from "../tasks.js";
import type { FromWorker, ToWorker, WorkerLog } from "./worker-messages.js";

const WORKER = fileURLToPath(new URL("../worker-process.js", import.meta.url));
const STOP_WITHIN_MS = 8_000;

export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly demo: Demo;
  readonly #worker: ChildProcess;
  readonly #removeAtExit: () => void;

  private constructor(folder: string, worker: ChildProcess) {
    this.folder = folder;
    this.demo = createDemo(folder);
    this.#worker = worker;
    this.#removeAtExit = () => rmSync(folder, { recursive: true, force: true });
    process.once("exit", this.#removeAtExit); // for ends that do not go through dispose
  }

  /** Resolves when the worker takes tasks. @throws Error when its process ends before. */
  static async open(onLog: (line: WorkerLog) => void): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), "celeriac-demo-"));
    const worker = fork(WORKER, [folder], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const stage = new Stage(folder, worker);
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on("message", (message: FromWorker) => (message.type === "ready" ? resolve() : onLog(message)));
        worker.once("exit", (code) => reject(new Error(`the worker ended with code ${code} before it was ready`)));
        worker.once("error", reject);
      });
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
    return stage;
  }

  /** Where messages wait as files. */
  get messages(): string {
    return join(this.folder, "messages");
  }

  /** Process id of the worker. */
  get workerPid(): number | undefined {
    return this.#worker.pid;
  }

  /** Whether the worker ended by itself with code 0 and the folder is gone; asked after dispose. */
  get isClean(): boolean {
    return this.#worker.exitCode === 0 && !existsSync(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopWorker();
    await this.demo.app.close();
    await rm(this.folder, { recursive: true, force: true });
    process.off("exit", this.#removeAtExit);
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, "exit");
    const stop: ToWorker = { type: "stop" };
    if (worker.connected) worker.send(stop);
    const timer = setTimeout(() => worker.kill("SIGKILL"), STOP_WITHIN_MS);
    await exited;
    clearTimeout(timer);
  }
}
