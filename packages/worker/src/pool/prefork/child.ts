/**
 * One child process and the one task it runs. A child that exits, is killed, or talks nonsense affects that task only.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createRequire } from "node:module";
import type { Logger } from "@celeriac/core";
import { CeleriacError, createDeferred } from "@celeriac/core";
import type { Attempt, Ending } from "../pool.js";
import type { AppSource, FromChild, ToChild } from "./ipc.js";
import { isFromChild } from "./ipc.js";

export interface ChildOptions {
  readonly source: AppSource;
  readonly hostname: string;
  readonly log: Logger;
  readonly startTimeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
}

interface Run {
  readonly seq: number;
  readonly attempt: Attempt;
  readonly timers: NodeJS.Timeout[];
  finish(ending: Ending): void;
}

/** Resolved by name, so that it is the built file even when this one runs from its source. */
const PROGRAM = createRequire(import.meta.url).resolve("@celeriac/worker/prefork-child");

export class Child {
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #log: Logger;
  readonly #exit = createDeferred<void>();
  readonly #started = createDeferred<void>();
  #run: Run | undefined;
  #seq = 0;
  #gone = false;
  #killReason: Ending | undefined;
  /** Tasks it has run. */
  tasks = 0;
  /** Resident memory after its last task, KiB. */
  rssKiB = 0;

  private constructor(options: ChildOptions) {
    this.exited = this.#exit.promise;
    this.#log = options.log;
    this.#process = fork(PROGRAM, [], {
      env: options.env,
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", (message) => this.#receive(message));
    this.#process.on("error", (error) =>
      this.#log.error({ pid: this.pid, error: String(error) }, "child process error"),
    );
    this.#process.on("exit", (code, signal) => this.#leave(code, signal));
    this.#say({ type: "init", source: options.source, hostname: options.hostname });
  }

  /** @throws CeleriacError `CHILD_START_FAILED` when the app cannot be loaded in time. */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    const timer = setTimeout(
      () => child.#started.reject(startFailed(`it was not ready within ${options.startTimeoutMs} ms`)),
      options.startTimeoutMs,
    );
    try {
      await child.#started.promise;
      return child;
    } catch (error) {
      child.#process.kill("SIGKILL");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get pid(): number | null {
    return this.#process.pid ?? null;
  }
  get taskId(): string | undefined {
    return this.#run?.attempt.request.id;
  }
  get isAlive(): boolean {
    return !this.#gone;
  }

  /** Runs one task; the caller makes sure that no other runs. Never rejects. */
  run(attempt: Attempt): Promise<Ending> {
    if (this.#gone)
      return Promise.resolve({ kind: "lost", reason: "the child process was gone before the task started" });
    this.#seq += 1;
    const seq = this.#seq;
    return new Promise<Ending>((resolve) => {
      const run: Run = {
        seq,
        attempt,
        timers: [],
        finish: (ending) => {
          for (const timer of run.timers) clearTimeout(timer);
          this.#run = undefined;
          this.tasks += 1;
          resolve(ending);
        },
      };
      this.#run = run;
      this.#limit(run);
      const { message } = attempt.request;
      const { body, contentType, contentEncoding, headers, properties } = message;
      this.#say({
        type: "run",
        seq,
        message: {
          body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64"),
          contentType,
          contentEncoding,
          headers,
          properties,
        },
      });
    });
  }

  /** Kills the process; a running task ends as `ending`, or as lost. Resolves when it is gone. */
  async kill(ending?: Ending): Promise<void> {
    this.#killReason = ending;
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** Lets an idle child end by itself. */
  async close(): Promise<void> {
    if (this.#gone) return;
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 2000);
    await this.exited;
    clearTimeout(timer);
  }

  #limit(run: Run): void {
    const { timeLimit, softTimeLimit } = run.attempt;
    const after = (seconds: number | null, act: (seconds: number) => void): void => {
      if (seconds !== null && seconds * 1000 < 2 ** 31) run.timers.push(setTimeout(act, seconds * 1000, seconds));
    };
    after(softTimeLimit, (seconds) => this.#say({ type: "soft-limit", seq: run.seq, seconds }));
    after(timeLimit, (seconds) => void this.kill({ kind: "timeout", limitSeconds: seconds }));
  }

  #say(message: ToChild): void {
    if (!this.#process.connected) return; // its exit is on the way and ends the run
    this.#process.send(message, (error) => {
      if (error !== null)
        this.#log.debug({ pid: this.pid, error: String(error) }, "a message to a child was not delivered");
    });
  }

  #receive(message: unknown): void {
    if (!isFromChild(message)) {
      this.#log.warn({ pid: this.pid }, "a child sent something that is no message of ours; ignored");
      return;
    }
    this.#handle(message);
  }

  #handle(message: FromChild): void {
    switch (message.type) {
      case "ready":
        this.#started.resolve();
        return;
      case "failed":
        this.#started.reject(startFailed(message.error));
        return;
      case "done":
        this.rssKiB = message.rssKiB;
        if (this.#run?.seq === message.seq) this.#run.finish(message.outcome);
        return;
      case "state":
        if (this.#run?.seq === message.seq) void this.#store(this.#run, message);
    }
  }

  async #store(run: Run, message: Extract<FromChild, { type: "state" }>): Promise<void> {
    const { seq, call, state, meta } = message;
    try {
      await run.attempt.updateState(state, meta);
      this.#say({ type: "stored", seq, call });
    } catch (error) {
      this.#say({ type: "stored", seq, call, error: String(error) });
    }
  }

  #leave(code: number | null, signal: NodeJS.Signals | null): void {
    this.#gone = true;
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    this.#started.reject(startFailed(`it ended with ${how} while loading the app`));
    this.#run?.finish(this.#killReason ?? { kind: "lost", reason: `Worker exited prematurely: ${how}.` });
    this.#exit.resolve();
  }
}

function startFailed(why: string): CeleriacError {
  return new CeleriacError(`A prefork child could not start: ${why}`, { code: "CHILD_START_FAILED" });
}
