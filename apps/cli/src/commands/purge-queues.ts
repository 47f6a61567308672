import type { App, Queue } from "@celeriac/core";

/** Removes what waits in the queues; resolves with how many messages that were, by queue. @throws BrokerError */
export async function purgeQueues(app: App, queues: readonly Queue[]): Promise<ReadonlyMap<string, number>> {
  const removed = new Map<string, number>();
  for (const { name } of queues) removed.set(name, await app.broker.queues.purge(name));
  return removed;
}

/** `Purged 3 messages from 1 queue.` */
export function purgeSummary(removed: ReadonlyMap<string, number>): string {
  const messages = [...removed.values()].reduce((sum, count) => sum + count, 0);
  return `Purged ${plural(messages, "message")} from ${plural(removed.size, "queue")}.`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
