/**
 * What is left in RabbitMQ, as its own command line tool counts it: exact, where the management page is a moment behind.
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { BrokerState } from "./broker-state.js";

const DEAD_LETTERS = "celeriac.dead-letter";
const DELAYED = /celery_delayed_\d+$/;

/**
 * @param ctl - Path of a `rabbitmqctl` for the node.
 * @param queue - The queue of the run.
 * @throws Error when the node does not answer.
 */
export async function readRabbitState(ctl: string, queue: string): Promise<BrokerState> {
  const columns = ["name", "messages_ready", "messages_unacknowledged"];
  const { stdout } = await promisify(execFile)(ctl, ["--quiet", "list_queues", "--formatter", "json", ...columns]);
  const rows: unknown = JSON.parse(stdout);
  const counts: Record<string, number> = { queue: 0, unacked: 0, delayed: 0 };
  let deadLetters = 0;
  for (const row of Array.isArray(rows) ? rows : []) {
    const { name, messages_ready: ready, messages_unacknowledged: unacked } = row as Readonly<Record<string, unknown>>;
    const held = Number(ready) + Number(unacked);
    if (name === queue) Object.assign(counts, { queue: Number(ready), unacked: Number(unacked) });
    else if (name === DEAD_LETTERS) deadLetters = held;
    else if (DELAYED.test(String(name))) counts.delayed = (counts.delayed ?? 0) + held;
  }
  // Their ids are not read: what becomes a dead letter counts as lost here, as no task of a run may.
  return { counts, deadLetters, deadLetterIds: new Set() };
}
