/**
 * One child process and the one task it runs. A child that exits, is killed, or talks nonsense affects that task only.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import type { Logger } from "@celeriac/core";
import { CeleriacError, createDeferred, withDeadline } from "@celeriac/core";
import type { Attempt, Ending } from "../pool.js";
import type { AppSource, FromChild, ToChild } from "./ipc.js";
import { isFromChild, toWireMessage } from "./ipc.js";
import { decodeOutcome } from "./outcome-text.js";

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
  resolve(ending: Ending): void;
}

/** A child runs plain Node: when this file runs from its source, in tests, the program is the built one. */
const BESIDE = new URL("./prefork-child.js", import.meta.url);
const PROGRAM = existsSync(BESIDE) ? BESIDE : new URL("../../../dist/pool/prefork/prefork-child.js", import.meta.url);
const CLOSE_TIMEOUT_MS = 2000;
/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Child {
  /** Resolves when the app is loaded. @throws CeleriacError `CHILD_START_FAILED`; the process is killed then. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #log: Logger;
  readonly #exit = createDeferred<void>();
  readonly #started = createDeferred<void>();
  #run: Run | undefined;
  #seq = 0;
  #isGone = false;
  #isNonsenseReported = false;
  #killEnding: Ending | undefined;
  /** Tasks it has run. */
  tasks = 0;
  /** Resident memory after its last task, KiB. */
  rssKiB = 0;

  constructor(options: ChildOptions) {
    this.exited = this.#exit.promise;
    this.#log = options.log;
    this.#process = fork(PROGRAM, [], {
      env: options.env,
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", (message) => this.#receive(message));
    this.#process.on("error", (error) => {
      this.#log.error({ pid: this.pid, error: String(error) }, "child process error");
      if (this.#process.pid === undefined) this.#leave("it could not be forked"); // then there is no exit event
    });
    this.#process.on("exit", (code, signal) => this.#leave(signal === null ? `exit code ${code}` : `signal ${signal}`));
    this.#say({ type: "init", source: options.source, hostname: options.hostname });
    this.ready = this.#awaitStart(options.startTimeoutMs);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }
  get taskId(): string | undefined {
    return this.#run?.attempt.request.id;
  }
  get isAlive(): boolean {
    return !this.#isGone && this.#process.connected;
  }

  /** Runs one task; the caller makes sure that no other runs. Never rejects. */
  run(attempt: Attempt): Promise<Ending> {
    this.#seq += 1;
    const seq = this.#seq;
    return new Promise<Ending>((resolve) => {
      if (this.#isGone) {
        resolve(this.#killEnding ?? { kind: "lost", reason: "The child process was gone before the task started." });
        return;
      }
      const run: Run = { seq, attempt, timers: [], resolve };
      this.#run = run;
      this.#limit(run);
      this.#say({ type: "run", seq, message: toWireMessage(attempt.request.message) });
    });
  }

  /** Kills the process; a running task ends as `ending`, or as lost. Resolves when it is gone. */
  async kill(ending?: Ending): Promise<void> {
    this.#killEnding ??= ending;
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** Lets an idle child end by itself. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  async #awaitStart(timeoutMs: number): Promise<void> {
    try {
      await withDeadline(this.#started.promise, { timeoutMs }, () => startFailed(`not ready within ${timeoutMs} ms`));
    } catch (error) {
      this.#process.kill("SIGKILL");
      throw error;
    }
  }

  #limit(run: Run): void {
    const { timeLimit, softTimeLimit } = run.attempt;
    const after = (seconds: number | null, act: (seconds: number) => void): void => {
      if (seconds === null || seconds * 1000 > LONGEST_TIMER_MS) return;
      run.timers.push(setTimeout(act, seconds * 1000, seconds));
    };
    after(softTimeLimit, (seconds) => this.#say({ type: "soft-limit", seq: run.seq, seconds }));
    after(timeLimit, (seconds) => void this.kill({ kind: "timeout", limitSeconds: seconds }));
  }

  #say(message: ToChild): void {
    if (!this.#process.connected) return; // its exit is on the way and ends the run
    this.#process.send(message, (error) => {
      if (error === null) return;
      this.#log.debug({ pid: this.pid, error: String(error) }, "a message to a child was not delivered");
    });
  }

  #receive(message: unknown): void {
    if (isFromChild(message)) this.#handle(message);
    else this.#reportNonsense();
  }

  #handle(message: FromChild): void {
    switch (message.type) {
      case "ready":
        this.#started.resolve();
        return;
      case "failed":
        this.#started.reject(startFailed(message.error));
        return;
      case "succeeded":
        this.#finish(
          message.seq,
          { kind: "success", result: message.result, children: message.children },
          message.rssKiB,
        );
        return;
      case "ended": {
        const outcome = decodeOutcome(message.outcome);
        if (outcome === undefined) this.#reportNonsense();
        else this.#finish(message.seq, outcome, message.rssKiB);
        return;
      }
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

  #finish(seq: number, ending: Ending, rssKiB: number): void {
    if (this.#run?.seq !== seq) return;
    this.rssKiB = rssKiB;
    this.#endRun(ending);
  }

  #endRun(ending: Ending): void {
    const run = this.#run;
    if (run === undefined) return;
    for (const timer of run.timers) clearTimeout(timer);
    this.#run = undefined;
    this.tasks += 1;
    run.resolve(ending);
  }

  #leave(how: string): void {
    this.#isGone = true;
    this.#started.reject(startFailed(`it ended with ${how} while loading the app`));
    this.#endRun(this.#killEnding ?? { kind: "lost", reason: `Worker exited prematurely: ${how}.` });
    this.#exit.resolve();
  }

  #reportNonsense(): void {
    if (this.#isNonsenseReported) return;
    this.#isNonsenseReported = true;
    this.#log.warn({ pid: this.pid }, "a child sent something that is no message of ours; that and more is ignored");
  }
}

function startFailed(why: string): CeleriacError {
  return new CeleriacError(`A prefork child could not start: ${why}`, { code: "CHILD_START_FAILED" });
}
