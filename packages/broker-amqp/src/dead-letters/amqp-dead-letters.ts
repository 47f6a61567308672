import { type AmqpLink, encodeMessage, type Publisher, type Topology } from "@celeriac/amqp-connection";
import { BrokerError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, DeadLetterRecord, DeadLetterStore, Queue } from "@celeriac/core/ports";
import type { Channel, ConsumeMessage } from "amqplib";
import type { AmqpQueueAdmin } from "../queues/amqp-queue-admin.js";
import { withServerLock } from "./dead-letter-lock.js";
import { readThrough } from "./read-through.js";

export interface DeadLetterOptions {
  readonly link: AmqpLink;
  readonly publisher: Publisher;
  readonly queues: AmqpQueueAdmin;
  readonly topology: Topology;
  /** Name of the queue they are kept in. */
  readonly name: string;
  readonly timeoutMs: number;
}

/** The oldest are dropped beyond it. Part of the queue's declaration: the same for everybody. */
const MAX_RECORDS = 10_000;

/**
 * A durable queue of records as JSON. A queue can only be read by taking: whoever lists or removes takes all records, and
 * gives back what stays; whoever runs out of time gives back all at once. A lock at the server keeps two of them from seeing
 * half of the records each.
 * RELIABILITY section 3.
 */
export class AmqpDeadLetters implements DeadLetterStore {
  readonly #options: DeadLetterOptions;
  readonly #queue: Queue;
  /** Readers of this process, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DeadLetterOptions) {
    this.#options = options;
    this.#queue = {
      name: options.name,
      exchange: { name: "", type: "direct" },
      routingKey: options.name,
      arguments: { "x-max-length": MAX_RECORDS },
    };
  }

  async add(record: DeadLetterRecord, call?: CallOptions): Promise<void> {
    const message = {
      body: Buffer.from(JSON.stringify(record)),
      contentType: "application/json",
      contentEncoding: "utf-8",
      headers: {},
      properties: { message_id: record.id.slice(0, 60), delivery_mode: 2 },
    };
    const { name, publisher } = this.#options;
    const encoded = encodeMessage(message, true);
    await publisher.publish({ exchange: "", routingKey: name, encoded, queue: this.#queue }, call);
  }

  async list(call?: CallOptions & { readonly limit?: number }): Promise<readonly DeadLetterRecord[]> {
    const limit = call?.limit ?? 100;
    const records: DeadLetterRecord[] = [];
    await this.#read("reading dead letters", call, (_channel, take) =>
      take((message) => {
        const record = decodeRecord(message.content);
        if (record !== undefined) records.push(record);
        if (records.length > 2 * limit + 100) keepNewest(records, limit);
        return true;
      }),
    );
    keepNewest(records, limit);
    return records;
  }

  count(call?: CallOptions): Promise<number> {
    return this.#options.queues.length(this.#options.name, call);
  }

  async remove(id: string, call?: CallOptions): Promise<boolean> {
    let isRemoved = false;
    await this.#read("removing a dead letter", call, async (channel, take) => {
      await take((message) => {
        if (isRemoved || decodeRecord(message.content)?.id !== id) return !isRemoved;
        channel.ack(message);
        isRemoved = true;
        return false;
      });
      if (isRemoved) await channel.checkQueue(this.#options.name); // answered behind the ack
    });
    return isRemoved;
  }

  /** Closing the channel gives back what was taken and not acknowledged, to its place. */
  #read(doing: string, call: CallOptions | undefined, work: Reading): Promise<void> {
    const { link, queues, topology, name, timeoutMs: ours } = this.#options;
    const { signal, timeoutMs = ours } = call ?? {};
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const over = new AbortController();
    let taken = 0;
    const turn = this.#turn.then(async () => {
      over.signal.throwIfAborted(); // whoever waited in vain keeps nobody else waiting
      await queues.declare(this.#queue, { timeoutMs, signal: over.signal });
      const session = await link.connect(doing, { timeoutMs, signal: over.signal });
      const take = (channel: Channel) => (onMessage: (message: ConsumeMessage) => boolean) =>
        readThrough(channel, {
          queue: name,
          signal: over.signal,
          onMessage: (message) => {
            taken += 1;
            return onMessage(message);
          },
        });
      await withServerLock(session, { name: `${name}.lock`, timeoutMs, signal: over.signal }, () =>
        topology.use(session, doing, (channel) => work(channel, take(channel))),
      );
    });
    this.#turn = turn.catch(() => undefined); // its caller hears of it
    return withDeadline(turn, { timeoutMs, signal }, () =>
      link.session === undefined ? link.unavailable(doing) : tooSlow(doing, timeoutMs, taken),
    ).finally(() => over.abort());
  }
}

/** What is done with a channel for it; `take` hands over the records, and ends with the last one or when told to. */
type Reading = (
  channel: Channel,
  take: (onMessage: (message: ConsumeMessage) => boolean) => Promise<void>,
) => Promise<void>;

function tooSlow(doing: string, timeoutMs: number, taken: number): BrokerError {
  const until = taken === 0 ? "RabbitMQ has sent none, or others were reading them" : `${taken} were read until then`;
  const text = `${doing[0]?.toUpperCase()}${doing.slice(1)} took longer than ${timeoutMs} ms: ${until}. Give it more time (timeoutMs), or purge what nobody needs.`;
  return new BrokerError(text, { code: "BROKER_UNAVAILABLE", retryable: true });
}

/** Newest first. */
function keepNewest(records: DeadLetterRecord[], limit: number): void {
  records.sort((a, b) => b.at - a.at);
  records.splice(limit);
}

/** Records of ours; what somebody else put there is left out rather than making the list unreadable. */
function decodeRecord(content: Buffer): DeadLetterRecord | undefined {
  try {
    const record: unknown = JSON.parse(content.toString("utf8"));
    const isRecord = typeof record === "object" && record !== null && "id" in record && "reason" in record;
    // Written by `add` above: the shape is the one that was handed in.
    return isRecord ? (record as DeadLetterRecord) : undefined;
  } catch {
    return undefined;
  }
}
