import type { Queue } from "../ports/queue.js";
import { type QueueSettings, type QueueTableOptions, resolveQueues } from "./resolve-queues.js";

export interface QueueSelection {
  /** `-Q`: only these, made where the settings allow it. All declared ones when absent or empty. */
  readonly queues?: readonly string[];
  /** `-X`: not these. A name that is not selected is no error. */
  readonly exclude?: readonly string[];
}

/**
 * The queues a worker consumes. A broadcast gets a new queue name with every call: select once for each worker.
 * @throws QueueNotFound, ConfigError for wrong `taskQueues`.
 * @see celery/app/amqp.py `Queues.select`, `deselect`.
 */
export function selectQueues(
  settings: QueueSettings,
  selection: QueueSelection = {},
  options: QueueTableOptions = {},
): readonly Queue[] {
  const table = resolveQueues(settings, options);
  const wanted = selection.queues ?? [];
  const chosen = wanted.length === 0 ? table.declared : [...new Set(wanted.map((name) => table.get(name)))];
  // A broadcast is excluded by the name it was declared under, which is that of its exchange.
  const excluded = new Set((selection.exclude ?? []).map((name) => (table.has(name) ? table.get(name).name : name)));
  return chosen.filter((queue) => !excluded.has(queue.name));
}
