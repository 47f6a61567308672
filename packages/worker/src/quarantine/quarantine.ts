/**
 * What happens to a message nobody can run: a dead-letter record, a FAILURE result where an id is known, one log line,
 * and only then the ack. Never a requeue, never a crash. RELIABILITY section 3.
 * @module
 */
import type { App, Delivery, Logger } from "@celeriac/core";
import { DecodeError, encodeException, peekTask } from "@celeriac/core";
import { persist } from "../settle/persist.js";
import { createDeadLetter } from "./dead-letter.js";

export interface QuarantineOptions {
  readonly app: App;
  readonly hostname: string;
  readonly log: Logger;
  readonly cold: AbortSignal;
}

const GIVE_UP_MS = 60_000;

/** Never rejects. When even the record cannot be stored, the message stays unacknowledged and comes back. */
export async function quarantine(delivery: Delivery, error: Error, options: QuarantineOptions): Promise<void> {
  const { app, hostname, log, cold } = options;
  const peeked = delivery.message === undefined ? {} : peekTask(delivery.message);
  const reason = "code" in error && typeof error.code === "string" ? error.code : "E_BODY";
  const fields = {
    queue: delivery.queue,
    reason,
    taskId: peeked.id,
    task: peeked.task,
    error: error.message.slice(0, 500),
  };
  const record = createDeadLetter(delivery, {
    reason,
    detail: error.message,
    worker: hostname,
    atMs: app.clock.now(),
    taskId: peeked.id,
    taskName: peeked.task,
  });
  const persistently = <T>(step: () => Promise<T>): Promise<T> =>
    persist(step, { clock: app.clock, giveUpMs: GIVE_UP_MS, signal: cold, onFirstFailure: () => undefined });
  try {
    await persistently(() => app.broker.deadLetters.add(record));
    if (peeked.id !== undefined) await persistently(() => storeFailure(app, peeked.id ?? "", error));
    await delivery.ack();
    log.error(fields, "message quarantined in the dead-letter store");
  } catch (failure) {
    log.error(
      { ...fields, failure: String(failure) },
      "a bad message could not be quarantined; it stays unacknowledged",
    );
  }
}

async function storeFailure(app: App, taskId: string, error: Error): Promise<void> {
  const exception =
    error instanceof DecodeError
      ? { exc_type: "DecodeError", exc_message: [error.message], exc_module: "kombu.exceptions" }
      : encodeException(error);
  await app.backend?.store({
    taskId,
    status: "FAILURE",
    result: JSON.stringify(exception),
    traceback: null,
    children: null,
    dateDoneMs: app.clock.now(),
  });
}
