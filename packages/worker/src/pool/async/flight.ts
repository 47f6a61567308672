import { chordExtender } from "@celeriac/canvas";
import type { App, Logger, Outcome, Surroundings, TaskRequest, TaskState, WireSignature } from "@celeriac/core";
import { encodeJson, SoftTimeLimitExceeded, TimeLimitExceeded } from "@celeriac/core";
import type { Attempt, Ending } from "../pool.js";

/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * An attempt in flight: what its body sees, how it is aborted, and how it ends without waiting for its code. A class, so
 * that it costs one object per task.
 */
export class Flight implements Surroundings {
  readonly hostname: string;
  readonly log: Logger;
  readonly #attempt: Attempt;
  readonly #land: (ending: Ending) => void;
  readonly #app: App;
  #extend: ReturnType<typeof chordExtender> | undefined;
  #abort: AbortController | undefined;
  #reason: Error | undefined;
  #timers: NodeJS.Timeout[] | undefined;

  /** @param land - Resolves the attempt; only its first call counts. */
  constructor(attempt: Attempt, log: Logger, app: App, land: (ending: Ending) => void) {
    this.hostname = attempt.hostname;
    this.log = log;
    this.#attempt = attempt;
    this.#land = land;
    this.#app = app;
  }

  get taskId(): string {
    return this.#attempt.request.id;
  }

  signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#reason !== undefined) this.#abort.abort(this.#reason);
    return this.#abort.signal;
  }

  readonly addToChord = (request: TaskRequest, signature: WireSignature): Promise<string> => {
    this.#extend ??= chordExtender(this.#app);
    return this.#extend(request, signature);
  };

  updateState(state: TaskState, meta: unknown): Promise<void> {
    return this.#attempt.updateState(state, encodeJson(meta));
  }

  now(): number {
    return this.#app.clock.now();
  }

  random(): number {
    return Math.random();
  }

  /** Starts the clocks of its limits: the soft one aborts the signal, the hard one does and ends the attempt too. */
  limit(): void {
    const { timeLimit, softTimeLimit } = this.#attempt;
    this.#after(softTimeLimit, (seconds) => this.stop(new SoftTimeLimitExceeded(seconds)));
    this.#after(timeLimit, (seconds) => {
      this.stop(new TimeLimitExceeded(seconds));
      this.end({ kind: "timeout", limitSeconds: seconds });
    });
  }

  /** Aborts the task's signal, now or when it is first looked at. */
  stop(reason: Error): void {
    this.#reason ??= reason;
    this.#abort?.abort(reason);
  }

  /** Ends the attempt, whatever its code still does. */
  end(ending: Ending): void {
    for (const timer of this.#timers ?? []) clearTimeout(timer);
    this.#land(ending);
  }

  readonly onOutcome = (outcome: Outcome): void => this.end(outcome);

  #after(seconds: number | null, act: (seconds: number) => void): void {
    if (seconds === null || seconds * 1000 > LONGEST_TIMER_MS) return;
    this.#timers ??= [];
    this.#timers.push(setTimeout(act, seconds * 1000, seconds));
  }
}
