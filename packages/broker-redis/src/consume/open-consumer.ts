import type { Consumer, QueueAdmin, Subscription } from "@celeriac/core/ports";
import type { RedisConnection, RedisServer } from "@celeriac/redis-connection";
import type { BrokerSettings } from "../broker-settings.js";
import type { KeyLayout } from "../key-layout.js";
import { parkedMember } from "../parking/redis-parking.js";
import { Taker } from "../take/taker.js";
import type { Holdings } from "../unacked/holdings.js";
import { type Move, redelivered, redeliveredOnceMore } from "../unacked/mover.js";
import type { ClaimedDelivery, ClaimerOptions } from "./claimer.js";
import { Claimer } from "./claimer.js";
import { createQueueCycle } from "./queue-cycle.js";
import { RedisConsumer } from "./redis-consumer.js";
import type { Settlement } from "./redis-delivery.js";
import { Window } from "./window.js";

export interface OpenConsumerOptions {
  readonly subscription: Subscription;
  readonly server: RedisServer;
  readonly settings: BrokerSettings;
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly queues: QueueAdmin;
  readonly holdings: Holdings;
  readonly onDispose: (consumer: Consumer) => void;
}

/** Puts a consumer together; its queues are declared already. */
export function openConsumer(options: OpenConsumerOptions): Consumer {
  const { subscription, settings, connection, keys, holdings } = options;
  const noAck = subscription.noAck === true;
  const hold = !noAck && settings.ackEmulation;
  const names = subscription.queues.map((queue) => queue.name);
  const window = new Window(subscription.prefetch);
  const leave = (): void => {
    if (noAck) return;
    window.settle(1);
    consumer.schedule();
  };
  const settlement = hold ? heldSettlement(holdings, keys, leave) : settledOnArrival(connection, leave, noAck);
  const cycle = createQueueCycle(settings.queueOrderStrategy, names);
  const { takes: accepts } = subscription;
  const claimer = new Claimer({
    connection,
    keys,
    cycle,
    tags: holdings.tags,
    hold,
    settlement,
    ...(hold ? heldTags(holdings) : NOTHING_HELD),
  });
  if (hold) holdings.startSweep();
  const consumer: RedisConsumer = new RedisConsumer({
    server: options.server,
    connection,
    claimer,
    ...(hold && accepts !== undefined
      ? { taker: new Taker({ takes: holdings.takes, tags: holdings.tags, keys, cycle, accepts }) }
      : {}),
    window,
    noAck,
    lists: names.flatMap((name) => keys.lists(name)),
    giveBack: (batch) => giveBack(batch, hold, options),
    onDispose: async () => {
      options.onDispose(consumer);
      for (const queue of subscription.queues) {
        // Best effort: kombu removes temporary queues on close, and leaves them behind when it cannot.
        if (queue.autoDelete === true && connection.ready) await options.queues.delete(queue).catch(() => undefined);
      }
    },
  });
  return consumer;
}

type TagHooks = Pick<ClaimerOptions, "onRequest" | "onArrival" | "onDoubt">;

const NOTHING_HELD: TagHooks = { onRequest: () => undefined, onArrival: () => undefined, onDoubt: () => undefined };

function heldTags(holdings: Holdings): TagHooks {
  return {
    onRequest: (first, count) => holdings.lease.expect(first, count),
    onArrival: (first, count) => holdings.lease.hold(first, count),
    onDoubt: (first, count) => holdings.rescue(first, count),
  };
}

function heldSettlement({ settler, lease }: Holdings, keys: KeyLayout, leave: () => void): Settlement {
  return {
    leave,
    isLost: ({ number, claimedMs }) => lease.isDoubtful(number, claimedMs),
    ack: (claimed) => settler.ack(claimed),
    giveBack: async (claimed, end, counts) => {
      const value = counts ? redeliveredOnceMore(claimed.bytes) : redelivered(claimed.bytes);
      const move: Move = { tag: claimed.tag, to: end, keys: [claimed.list], value };
      try {
        await settler.move({ claimed, move });
      } catch (error) {
        lease.release(claimed.number); // nobody here wants it any more: the sweep must find it
        throw error;
      }
    },
    park: (claimed, dueAtMs) =>
      settler.move({
        claimed,
        move: {
          tag: claimed.tag,
          to: { dueAtMs },
          keys: [keys.parked],
          value: parkedMember(claimed.tag, claimed.list, claimed.bytes),
        },
      }),
  };
}

/** For messages the server forgot as it handed them out: an ack has nothing to do, and giving back is a plain push. */
function settledOnArrival(connection: RedisConnection, leave: () => void, noAck: boolean): Settlement {
  const done = Promise.resolve();
  return {
    leave,
    isLost: () => false,
    ack: () => done,
    giveBack: async (claimed, end) => {
      if (noAck) return;
      await connection.send(end === "back" ? "lpush" : "rpush", [claimed.list, redelivered(claimed.bytes)]);
    },
    park: () => done,
  };
}

/** Returns what nobody has seen to its place, the oldest in front. */
async function giveBack(
  batch: readonly ClaimedDelivery[],
  hold: boolean,
  { connection, holdings }: OpenConsumerOptions,
): Promise<void> {
  const backwards = batch.toReversed();
  if (!hold) {
    const pushes = backwards.map(({ claimed }) => ["rpush", [claimed.list, redelivered(claimed.bytes)]] as const);
    await connection.sendMany(pushes);
    return;
  }
  const outcomes = connection.ready
    ? await Promise.allSettled(backwards.map(({ delivery }) => delivery.restore()))
    : backwards.map(() => ({ status: "rejected" as const, reason: undefined }));
  outcomes.forEach((outcome, index) => {
    const unseen = backwards[index];
    if (outcome.status === "fulfilled" || unseen === undefined) return;
    if (!unseen.delivery.isTaken) holdings.rescue(unseen.claimed.number, 1);
    else unseen.delivery.restore().catch(() => undefined); // tried for as long as the broker is open
  });
}
