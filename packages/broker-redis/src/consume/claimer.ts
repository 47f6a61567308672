/**
 * Asks for messages and makes deliveries of them.
 *
 * Invariant: a claim whose answer was lost is reported to `onDoubt`: the server may have executed it. RELIABILITY F5.
 * @module
 */
import { DecodeError } from "@celeriac/core/errors";
import { decodeEnvelope } from "@celeriac/core/protocol";
import type { RedisConnection } from "@celeriac/redis-connection";
import { bytesReply, integerReply, listReply } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import { sharedNowMs } from "../lease/lease-board.js";
import type { TagSource } from "../unacked/tag-source.js";
import { recordTail } from "../unacked/unacked-record.js";
import { CLAIM_SCRIPT } from "./claim-script.js";
import type { QueueCycle } from "./queue-cycle.js";
import type { AnyRedisDelivery, Claimed, Settlement } from "./redis-delivery.js";
import { RedisDelivery } from "./redis-delivery.js";

export interface ClaimerOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly cycle: QueueCycle;
  readonly tags: TagSource;
  /** false: messages are gone from the server once claimed. */
  readonly hold: boolean;
  readonly settlement: Settlement;
  /** A claim that may take these tag numbers is about to be sent. */
  readonly onRequest: (first: number, count: number) => void;
  /** The claim took the first `count` of its numbers; nobody has seen the messages yet. */
  readonly onArrival: (first: number, count: number) => void;
  /** Tags that may be held at the server without anybody knowing. */
  readonly onDoubt: (first: number, count: number) => void;
}

/** A delivery with the claim behind it, for whoever has to give it back. */
export interface ClaimedDelivery {
  readonly claimed: Claimed;
  readonly delivery: AnyRedisDelivery;
}

export class Claimer {
  readonly #options: ClaimerOptions;

  constructor(options: ClaimerOptions) {
    this.#options = options;
  }

  /** Takes up to `limit` messages; fewer mean that the lists were empty at that moment. @throws BrokerError */
  async claim(limit: number): Promise<readonly ClaimedDelivery[]> {
    const { connection, keys, cycle, tags, hold } = this.#options;
    const queues = cycle.order();
    const sources = keys.steps.flatMap((step) => queues.map((queue) => ({ queue, list: keys.list(queue, step) })));
    const first = tags.reserve(limit);
    const claimedMs = sharedNowMs();
    this.#options.onRequest(first, limit);
    let reply: unknown;
    try {
      reply = await connection.runForBytes(
        CLAIM_SCRIPT,
        [keys.unacked, keys.unackedIndex, ...sources.map((source) => source.list)],
        [limit, tags.prefix, first, queues.length, cycle.fair ? 1 : 0, hold ? 1 : 0, ...sources.map(tailOf)],
      );
    } catch (error) {
      this.#options.onArrival(first, 0);
      this.#options.onDoubt(first, limit);
      throw error;
    }
    const deliveries = this.#read(listReply(reply), sources, first, claimedMs);
    this.#options.onArrival(first, deliveries.length);
    return deliveries;
  }

  #read(
    reply: readonly unknown[],
    sources: readonly { readonly queue: string; readonly list: string }[],
    first: number,
    claimedMs: number,
  ): readonly ClaimedDelivery[] {
    const { tags, cycle } = this.#options;
    const deliveries: ClaimedDelivery[] = [];
    let number = first;
    for (let i = 0; i < reply.length; i += 2) {
      const source = sources[integerReply(reply[i]) - 1];
      if (source === undefined) continue;
      cycle.served(source.queue);
      for (const payload of listReply(reply[i + 1])) {
        const bytes = bytesReply(payload) ?? Buffer.alloc(0);
        deliveries.push(this.#deliver({ ...source, tag: tags.prefix + number, number, bytes, claimedMs }));
        number += 1;
      }
    }
    return deliveries;
  }

  #deliver(claimed: Claimed): ClaimedDelivery {
    const { settlement } = this.#options;
    try {
      const { message, redelivered, exchange, routingKey } = decodeEnvelope(claimed.bytes);
      const content = { message, malformed: undefined, redelivered, exchange, routingKey };
      return { claimed, delivery: new RedisDelivery(claimed, settlement, content) };
    } catch (error) {
      const malformed =
        error instanceof DecodeError ? error : new DecodeError(String(error), { code: "E_ENVELOPE", cause: error });
      const content = { message: undefined, malformed, redelivered: false, exchange: "", routingKey: "" };
      return { claimed, delivery: new RedisDelivery(claimed, settlement, content) };
    }
  }
}

function tailOf(source: { readonly queue: string }): string {
  return recordTail("", source.queue);
}
