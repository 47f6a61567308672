/**
 * Carries out what a task leads to: stores results, sends what follows, and joins chords. Knows no message, so that it also
 * serves tasks that had none here: a chord's body that fails, a task nobody can run.
 * @module
 */
import type { CarryOutOptions, Consequence, ErrbackCall, FailureContext, FollowedTask } from "@celeriac/canvas";
import {
  abandonBody,
  ChordError,
  carryOut,
  followSettings,
  headerResults,
  leavesOf,
  planBody,
  planBodyFailure,
} from "@celeriac/canvas";
import type { App, ChordEntry, ChordPart, Logger, ResultBackend, ResultTuple, WireSignature } from "@celeriac/core";
import { encodeException, isRetryable } from "@celeriac/core";

export interface AftermathOptions {
  readonly app: App;
  readonly log: Logger;
  /** Runs an error callback where user code runs. Never rejects. */
  readonly callErrback: (call: ErrbackCall) => Promise<void>;
}

/** A chord whose header is done. */
export interface CompleteChord {
  readonly groupId: string;
  readonly body: WireSignature;
  /** In the header's order. */
  readonly entries: readonly ChordEntry[];
  /** The header's shape, when it holds groups. */
  readonly saved: ResultTuple | undefined;
}

export class Aftermath {
  readonly #options: AftermathOptions;

  constructor(options: AftermathOptions) {
    this.#options = options;
  }

  /**
   * May be repeated after a failure: ids are the same, and a chord counts a member once.
   * @param options - How messages are sent.
   * @throws BrokerError, BackendError, EncodeError.
   */
  async perform(consequence: Consequence, task: FollowedTask, options: CarryOutOptions = {}): Promise<void> {
    const { app, callErrback } = this.#options;
    switch (consequence.kind) {
      case "send":
        await carryOut(app, consequence.steps, options);
        return;
      case "store":
        await app.backend?.store(consequence.record);
        return;
      case "part":
        await this.#count(consequence.part, consequence.body, task);
        return;
      case "errback":
        await callErrback(consequence.call);
    }
  }

  /** Where the store cannot count, a `celery.chord_unlock` task looks for the results. */
  async #count(part: ChordPart, body: WireSignature, task: FollowedTask): Promise<void> {
    const { app, log } = this.#options;
    const { backend } = app;
    if (backend === undefined) {
      log.error(
        { taskId: part.taskId, group: part.groupId },
        "a chord waits for ever: this worker has no result backend",
      );
      return;
    }
    if (backend.chords === undefined) return;
    const standing = await backend.chords.addPart(part);
    if (standing.kind !== "complete") return;
    const saved = await backend.groups.restore(part.groupId);
    const known = saved === undefined ? standing.entries : await withStored(standing.entries, saved, backend);
    await this.join({ groupId: part.groupId, body, entries: known, saved }, task);
    await backend.chords.close(part.groupId);
  }

  /**
   * Sends the body of a complete chord, or fails it when a member of the header has failed. The body is sent once, however
   * often this is tried, where the broker can tell.
   * @param task - The task that found the chord complete: the parent of what is sent.
   * @throws BrokerError, BackendError, when a later try may work.
   */
  async join({ groupId, body, entries, saved }: CompleteChord, task: FollowedTask): Promise<void> {
    const { app } = this.#options;
    try {
      const results = headerResults(entries, saved);
      if (results.kind === "failed") {
        await this.#failBody(planBodyFailure(body, results, entries, task, this.#context()), groupId, task);
        return;
      }
      const { steps } = planBody(task, body, results.values, followSettings(app.settings));
      await carryOut(app, steps, { once: true });
    } catch (error) {
      if (isRetryable(error)) throw error;
      const failure = error instanceof ChordError ? error : new ChordError(`Callback error: ${String(error)}`);
      await this.#failBody(abandonBody(body, encodeException(failure), task, this.#context()), groupId, task);
    }
  }

  async #failBody(consequences: readonly Consequence[], groupId: string, task: FollowedTask): Promise<void> {
    this.#options.log.error({ group: groupId, taskId: task.id }, "the chord failed; its body is not run");
    // The member that finds the chord complete may come twice, even at the same time, and finds it so each time.
    for (const consequence of consequences) await this.perform(consequence, task, { once: true });
  }

  #context(): FailureContext {
    const { app } = this.#options;
    return { settings: app.settings, tasks: app.tasks, nowMs: app.clock.now() };
  }
}

/** Results of a nested header that were not counted themselves, such as those of peers that replace their tasks. */
async function withStored(
  entries: readonly ChordEntry[],
  saved: ResultTuple,
  backend: ResultBackend,
): Promise<readonly ChordEntry[]> {
  const counted = new Set(entries.map(({ taskId }) => taskId));
  const missing = leavesOf(saved).filter((id) => !counted.has(id));
  const stored = await Promise.all(missing.map((id) => backend.fetch(id)));
  const found = stored.flatMap((meta): readonly ChordEntry[] =>
    meta === undefined ? [] : [{ taskId: meta.taskId, status: meta.status, result: meta.result }],
  );
  return [...entries, ...found];
}
