/**
 * What happens to a message nobody can run: a dead-letter record, a FAILURE result where an id is known, one log line,
 * and only then the ack. Never a requeue, never a crash. RELIABILITY section 3.
 * @module
 */
import { planFailure } from "@celeriac/canvas";
import type { App, Delivery, Logger } from "@celeriac/core";
import { BrokerError, DecodeError, encodeException, encodeJson, peekTask } from "@celeriac/core";
import { UnknownTaskError } from "../request/unknown-task.js";
import type { Aftermath } from "../settle/aftermath.js";
import { persist } from "../settle/persist.js";
import type { ShutdownSignals } from "../shutdown.js";
import { createDeadLetter } from "./dead-letter.js";

export interface QuarantineOptions {
  readonly app: App;
  readonly hostname: string;
  readonly log: Logger;
  readonly shutdown: ShutdownSignals;
  readonly aftermath: Aftermath;
}

/** Never rejects. When even the record cannot be stored, the message stays unacknowledged and comes back. */
export async function quarantine(delivery: Delivery, error: Error, options: QuarantineOptions): Promise<void> {
  const { app, hostname, log, shutdown } = options;
  const { id: taskId, task: taskName } = delivery.message === undefined ? {} : peekTask(delivery.message);
  const reason = "code" in error && typeof error.code === "string" ? error.code : "E_BODY";
  const fields = { queue: delivery.queue, reason, taskId, task: taskName, error: error.message.slice(0, 500) };
  const details = { reason, detail: error.message, worker: hostname, atMs: app.clock.now(), taskId, taskName };
  const persistently = (step: (failures: number) => Promise<void>): Promise<void> =>
    persist(step, { clock: app.clock, shutdown });
  try {
    const record = createDeadLetter(delivery, details);
    await persistently(() => app.broker.deadLetters.add(record));
    if (taskId !== undefined) await persistently(() => storeFailure(app, taskId, error, delivery.message));
    if (error instanceof UnknownTaskError) await tell(error, options, persistently);
    await persistently((failures) => delivery.ack().catch((fault: unknown) => ignoreAcked(fault, failures)));
    log.error(fields, "message quarantined in the dead-letter store");
  } catch (failure) {
    log.error(
      { ...fields, failure: String(failure) },
      "a bad message could not be quarantined; it stays unacknowledged",
    );
  }
}

/** An ack that failed before and finds no claim now has got through: only its answer was lost. */
function ignoreAcked(fault: unknown, failures: number): void {
  if (failures === 0 || !(fault instanceof BrokerError) || fault.code !== "LEASE_LOST") throw fault;
}

/** What waits for a task that nobody can run: its chord, the later steps of its chain, its error callbacks. */
async function tell(
  error: UnknownTaskError,
  { app, aftermath }: QuarantineOptions,
  persistently: (step: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const context = { settings: app.settings, tasks: app.tasks, nowMs: app.clock.now() };
  const failure = { exception: encodeException(error), traceback: null };
  for (const consequence of planFailure(error.request, failure, true, context)) {
    await persistently(() => aftermath.perform(consequence, error.request));
  }
}

async function storeFailure(app: App, taskId: string, error: Error, message: Delivery["message"]): Promise<void> {
  const { reply_to: replyTo, correlation_id: correlationId } = message?.properties ?? {};
  const exception =
    error instanceof DecodeError
      ? { exc_type: "DecodeError", exc_message: [error.message], exc_module: "kombu.exceptions" }
      : encodeException(error);
  await app.backend?.store({
    taskId,
    status: "FAILURE",
    result: encodeJson(exception),
    traceback: null,
    children: null,
    dateDoneMs: app.clock.now(),
    ...(typeof replyTo === "string" ? { replyTo } : {}),
    ...(typeof correlationId === "string" && correlationId !== taskId ? { correlationId } : {}),
  });
}
