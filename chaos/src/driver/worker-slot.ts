/**
 * One of the workers of a run, restarted as often as it dies. Each life is a process group of its own, so that the worker
 * and its children can be killed by one signal.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SystemConfig } from "../system/system-config.js";
import { systemEnvironment } from "../system/system-config.js";
import { groupEnds, groupMembers } from "./process-group.js";

const PROGRAM = fileURLToPath(new URL("../system/worker-main.js", import.meta.url));

/** A worker that ends by itself so often is not started again: the run stalls and says why. */
const TOO_OFTEN = 5;

/** How long children may take to notice that their worker is dead. */
const ORPHANS_MS = 10_000;

/** A worker from its start to its end. */
export interface Life {
  /** `w1.3`: third life of worker 1. */
  readonly boot: string;
  readonly pid: number;
  /** Whether it has told that it consumes. */
  readonly ready: boolean;
  /** Processes of the group: the worker and its children. */
  members(): readonly number[];
}

export class WorkerSlot {
  readonly #name: string;
  readonly #config: SystemConfig;
  readonly #logDir: string;
  #process: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #ready = false;
  #lives = 0;
  #wanted = true;
  /** Ends that nobody asked for, with their exit codes. */
  readonly unexpected: string[] = [];

  constructor(name: string, config: SystemConfig, logDir: string) {
    this.#name = name;
    this.#config = config;
    this.#logDir = logDir;
    this.#start();
  }

  get lives(): number {
    return this.#lives;
  }

  /** False once it was given up. */
  get isWorking(): boolean {
    return this.unexpected.length < TOO_OFTEN;
  }

  /** The life that runs now. */
  get life(): Life | undefined {
    const pid = this.#process?.pid;
    if (pid === undefined) return undefined;
    return { boot: `${this.#name}.${this.#lives}`, pid, ready: this.#ready, members: () => groupMembers(pid) };
  }

  /** Kills the worker and its children at once; the next life begins. Resolves when the worker is gone. */
  async killGroup(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    const exit = this.#exit;
    this.#process = undefined;
    process.kill(-pid, "SIGKILL");
    await exit;
    if (this.#wanted) this.#start();
  }

  /** Kills the worker only; its children have to notice. Resolves when all of them are gone; the next life begins. */
  async killParent(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    const exit = this.#exit;
    const boot = `${this.#name}.${this.#lives}`;
    this.#process = undefined;
    process.kill(pid, "SIGKILL");
    await exit;
    if (!(await groupEnds(pid, ORPHANS_MS))) {
      this.unexpected.push(`children of ${boot} outlived it by ${ORPHANS_MS / 1000} s`);
      process.kill(-pid, "SIGKILL");
      await groupEnds(pid, ORPHANS_MS);
    }
    if (this.#wanted) this.#start();
  }

  /** Warm shutdown; cold after `withinMs`. Resolves with whether it ended by itself. */
  async stop(withinMs: number): Promise<boolean> {
    this.#wanted = false;
    const running = this.#process;
    if (running?.pid === undefined) return true;
    const { pid } = running;
    const exit = this.#exit;
    this.#process = undefined;
    running.send("stop", () => undefined); // a worker that is gone has stopped
    const timer = setTimeout(() => process.kill(-pid, "SIGKILL"), withinMs);
    await exit;
    clearTimeout(timer);
    return running.signalCode === null;
  }

  #start(): void {
    this.#lives += 1;
    this.#ready = false;
    const boot = `${this.#name}.${this.#lives}`;
    const log = openSync(join(this.#logDir, `${this.#name}.log`), "a");
    const started = spawn(process.execPath, [PROGRAM], {
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
      env: systemEnvironment(this.#config, boot),
    });
    this.#process = started;
    this.#exit = once(started, "exit");
    started.on("message", () => {
      if (this.#process === started) this.#ready = true;
    });
    started.on("exit", (code, signal) => {
      if (this.#process !== started) return;
      this.unexpected.push(`${boot} ended with ${signal ?? `exit code ${code}`}, see ${this.#name}.log`);
      this.#process = undefined;
      if (this.#wanted && this.unexpected.length < TOO_OFTEN) this.#start();
    });
  }
}
