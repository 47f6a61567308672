import { BrokerError } from "@celeriac/core/errors";
import type { BatchItem } from "@celeriac/core/lifecycle";
import type { RedisCommand, RedisConnection } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import type { Outgoing } from "./publisher.js";

type Item = BatchItem<Outgoing, void>;

/** Enough to be cheap per message, little enough to stay far from the server's limits on one command. */
const VALUES_PER_COMMAND = 500;
const CHARACTERS_PER_COMMAND = 4 * 1024 * 1024;

interface Push {
  readonly key: string;
  readonly values: string[];
  readonly items: Item[];
  size: number;
}

/** Collects one batch of messages into as few commands as possible: one LPUSH per list, in order. */
export class PublishPlan {
  readonly #keys: KeyLayout;
  readonly #declarations: RedisCommand[] = [];
  readonly #pushes: Push[] = [];
  readonly #open = new Map<string, Push>();
  readonly #broadcasts: Item[] = [];
  /** How many pushes an item still waits for, when more than one. */
  readonly #waiting = new Map<Item, number>();

  constructor(keys: KeyLayout) {
    this.#keys = keys;
  }

  declare(commands: readonly RedisCommand[]): void {
    this.#declarations.push(...commands);
  }

  broadcast(item: Item): void {
    this.#broadcasts.push(item);
  }

  push(item: Item, queues: readonly string[]): void {
    if (queues.length > 1) this.#waiting.set(item, queues.length);
    for (const queue of queues) this.#pushOne(item, this.#keys.list(queue, item.value.priority));
  }

  #pushOne(item: Item, key: string): void {
    const { text } = item.value;
    let push = this.#open.get(key);
    if (push === undefined || push.values.length >= VALUES_PER_COMMAND || push.size >= CHARACTERS_PER_COMMAND) {
      push = { key, values: [], items: [], size: 0 };
      this.#open.set(key, push);
      this.#pushes.push(push);
    }
    push.values.push(text);
    push.items.push(item);
    push.size += text.length;
  }

  /** Sends everything in one write and settles every item; resolves with whether all declarations were accepted. */
  async run(connection: RedisConnection): Promise<boolean> {
    const commands: RedisCommand[] = [
      ...this.#declarations,
      ...this.#pushes.map((push): RedisCommand => ["lpush", [push.key, ...push.values]]),
      ...this.#broadcasts.map((item): RedisCommand => ["publish", [this.#channel(item), item.value.text]]),
    ];
    const outcomes = await connection.sendMany(commands);
    let next = this.#declarations.length;
    for (const push of this.#pushes) {
      const outcome = outcomes[next];
      for (const item of push.items) this.#settle(item, outcome);
      next += 1;
    }
    for (const item of this.#broadcasts) {
      this.#settle(item, outcomes[next]);
      next += 1;
    }
    return outcomes.slice(0, this.#declarations.length).every((outcome) => outcome.status === "fulfilled");
  }

  #channel(item: Item): string {
    return this.#keys.channel(item.value.route.exchange, item.value.route.routingKey);
  }

  #settle(item: Item, outcome: PromiseSettledResult<unknown> | undefined): void {
    if (outcome?.status !== "fulfilled") {
      item.reject(unconfirmed(outcome?.reason));
      return;
    }
    const left = (this.#waiting.get(item) ?? 1) - 1;
    if (left === 0) item.resolve();
    else this.#waiting.set(item, left);
  }
}

/** A connection that drops after the write leaves open whether the server has the message. */
export function unconfirmed(error: unknown): unknown {
  if (!(error instanceof BrokerError) || error.code !== "BROKER_UNAVAILABLE") return error;
  const message = "The connection to Redis was lost before it confirmed the message, which may or may not be stored.";
  return new BrokerError(message, { code: "PUBLISH_UNCONFIRMED", retryable: true, cause: error });
}
