import { BrokerError } from "@celeriac/core/errors";
import { markRedelivered } from "@celeriac/core/protocol";
import type { RedisArgument, RedisConnection } from "@celeriac/redis-connection";
import { listReply, redisError } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import { addDelivery } from "./delivery-count.js";
import { MOVE_SCRIPT } from "./settle-scripts.js";

/** A held message and where it goes: an end of a list (`back` is served last), or a time in a sorted set. */
export interface Move {
  readonly tag: string;
  readonly to: "back" | "front" | { readonly dueAtMs: number };
  /** One key, or several that get a copy each. */
  readonly keys: readonly string[];
  readonly value: Buffer | string;
}

/** `missing`: the server does not know the claim any more (or it is younger than asked for). */
export type MoveOutcome = "moved" | "missing" | BrokerError;

/**
 * Moves held messages, each atomically.
 * @param minAgeMs - Spare messages whose lease was renewed more recently than this; absent moves all.
 */
export async function moveHeld(
  connection: RedisConnection,
  keys: KeyLayout,
  moves: readonly Move[],
  minAgeMs?: number,
): Promise<readonly MoveOutcome[]> {
  const targets = [...new Set(moves.flatMap((move) => move.keys))];
  const positions = new Map(targets.map((key, index) => [key, index + 1]));
  const args: RedisArgument[] = [minAgeMs === undefined ? "" : String(-minAgeMs / 1000)];
  for (const { tag, to, keys: wanted, value } of moves) {
    const position = wanted.map((key) => positions.get(key)).join();
    if (typeof to === "object") args.push(tag, "ZADD", position, to.dueAtMs, value);
    else args.push(tag, to === "back" ? "LPUSH" : "RPUSH", position, "", value);
  }
  const reply = await connection.run(MOVE_SCRIPT, [keys.unacked, keys.unackedIndex, ...targets], args);
  return listReply(reply).map(outcomeOf);
}

function outcomeOf(reply: unknown): MoveOutcome {
  if (reply === 1) return "moved";
  if (reply === 0) return "missing";
  const refusal = Object.assign(new Error(String(reply)), { name: "ReplyError" });
  const error = redisError("broker", "moving a message", refusal);
  return error instanceof BrokerError
    ? error
    : new BrokerError(error.message, { code: "BROKER_REFUSED", cause: error });
}

/** The payload flagged as delivered before; bytes that are no text stay as they are. */
export function redelivered(payload: Buffer): Buffer | string {
  const text = textOf(payload);
  return text === undefined ? payload : markRedelivered(text);
}

/** The same, with one more to the deliveries that came to nothing. */
export function redeliveredOnceMore(payload: Buffer): Buffer | string {
  const text = textOf(payload);
  return text === undefined ? payload : addDelivery(markRedelivered(text));
}

function textOf(payload: Buffer): string | undefined {
  const text = payload.toString("utf8");
  return text.includes("\ufffd") && !Buffer.from(text, "utf8").equals(payload) ? undefined : text;
}
