/**
 * Puts held messages back in front of their queues: those of ours and those Python workers left, whatever they look like.
 *
 * Invariants: (1) each message is moved atomically, only if it is still held (and still overdue, when asked). (2) A
 * record that leads nowhere becomes a dead letter; it never stops the others. RELIABILITY G5, kombu#1063.
 * @module
 */
import { decodeEnvelope } from "@celeriac/core/protocol";
import type { RedisConnection } from "@celeriac/redis-connection";
import { bytesReply } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import type { Bindings } from "../publish/bindings.js";
import type { Move } from "./mover.js";
import { moveHeld, redelivered, redeliveredOnceMore } from "./mover.js";
import { ACK_SCRIPT } from "./settle-scripts.js";
import { parseUnackedRecord } from "./unacked-record.js";

/** A held message as it stands at the server. */
export interface HeldMessage {
  readonly tag: string;
  readonly record: Buffer;
}

export interface RestorerOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly bindings: Bindings;
  /** Stores a dead letter; resolves once it is safe to drop the message. */
  readonly bury: (held: HeldMessage, reason: string, detail: string) => Promise<void>;
}

/** Tag and record in turn, from position `from` of a script's reply. */
export function readHeld(reply: readonly unknown[], from: number): readonly HeldMessage[] {
  const held: HeldMessage[] = [];
  for (let i = from; i + 1 < reply.length; i += 2) {
    const tag = bytesReply(reply[i]);
    const record = bytesReply(reply[i + 1]);
    if (tag !== undefined && record !== undefined) held.push({ tag: tag.toString(), record });
  }
  return held;
}

export class Restorer {
  readonly #options: RestorerOptions;

  constructor(options: RestorerOptions) {
    this.#options = options;
  }

  /**
   * Restores messages, oldest first in front. Resolves with how many were moved.
   * @param minAgeMs - Spares those renewed more recently: what has a dead owner, who may have died of it, counts as delivered
   * in vain. Absent restores all, and nothing counts: nobody has started it.
   */
  async restore(messages: readonly HeldMessage[], minAgeMs?: number): Promise<number> {
    const { connection, keys } = this.#options;
    const moves: Move[] = [];
    for (const held of messages) {
      const move = await this.#plan(held, minAgeMs !== undefined);
      if (move !== undefined) moves.push(move);
    }
    if (moves.length === 0) return 0;
    const outcomes = await moveHeld(connection, keys, moves.reverse(), minAgeMs);
    return outcomes.filter((outcome) => outcome === "moved").length;
  }

  async #plan({ tag, record }: HeldMessage, counts: boolean): Promise<Move | undefined> {
    const { keys, bindings } = this.#options;
    const parsed = parseUnackedRecord(record);
    if (parsed === undefined) return this.#bury({ tag, record }, "E_ENVELOPE", "The unacked record cannot be read.");
    const { exchange, routingKey, payload } = parsed;
    // A message from a named exchange does not say which queue it was in: like kombu, every bound queue gets a copy,
    // because a copy too many is better than one in the wrong place only.
    const queues = await bindings.queuesFor(exchange, routingKey, undefined);
    if (queues.length === 0) {
      const detail = `No queue is bound to exchange "${exchange}" for routing key "${routingKey}".`;
      return this.#bury({ tag, record }, "UNROUTABLE", detail);
    }
    const priority = priorityOf(payload);
    const value = counts ? redeliveredOnceMore(payload) : redelivered(payload);
    return { tag, to: "front", keys: queues.map((queue) => keys.list(queue, priority)), value };
  }

  async #bury(held: HeldMessage, reason: string, detail: string): Promise<undefined> {
    const { connection, keys, bury } = this.#options;
    await bury(held, reason, detail);
    await connection.run(ACK_SCRIPT, [keys.unacked, keys.unackedIndex], [held.tag]);
  }
}

/** Of the lists that a message may be in only its priority decides. What cannot be read was in the first. */
function priorityOf(payload: Buffer): unknown {
  try {
    return decodeEnvelope(payload).message.properties.priority;
  } catch {
    return 0;
  }
}
