import type { CallOptions, DeadLetterRecord, DeadLetterStore } from "@celeriac/core/ports";
import { integerReply, listReply, textReply } from "@celeriac/redis-connection";
import type { Calls } from "../calls.js";
import type { KeyLayout } from "../key-layout.js";
import { ADD_SCRIPT, LIST_SCRIPT, REMOVE_SCRIPT } from "./dead-letter-scripts.js";

/** A hash of records by id and a sorted set of ids by time; the newest `limit` are kept. RELIABILITY section 3. */
export function createRedisDeadLetters(calls: Calls, keys: KeyLayout, limit: number): DeadLetterStore {
  const { deadLetters, deadLetterIndex, deadLettersDropped } = keys;
  return {
    async add(record: DeadLetterRecord, options?: CallOptions): Promise<void> {
      await calls.ask("storing a dead letter", options, (connection) =>
        connection.run(
          ADD_SCRIPT,
          [deadLetters, deadLetterIndex, deadLettersDropped],
          [record.id, record.at, JSON.stringify(record), limit],
        ),
      );
    },
    async list(options?: CallOptions & { readonly limit?: number }): Promise<readonly DeadLetterRecord[]> {
      const reply = await calls.ask("reading dead letters", options, (connection) =>
        connection.run(LIST_SCRIPT, [deadLetters, deadLetterIndex], [options?.limit ?? 100]),
      );
      return listReply(reply).flatMap((text) => decodeRecord(textReply(text) ?? ""));
    },
    async count(options?: CallOptions): Promise<number> {
      return integerReply(
        await calls.ask("counting dead letters", options, (connection) => connection.send("zcard", [deadLetterIndex])),
      );
    },
    async remove(id: string, options?: CallOptions): Promise<boolean> {
      const reply = await calls.ask("removing a dead letter", options, (connection) =>
        connection.run(REMOVE_SCRIPT, [deadLetters, deadLetterIndex], [id]),
      );
      return integerReply(reply) === 1;
    },
  };
}

/** Records of ours; an entry somebody damaged is left out rather than making the list unreadable. */
function decodeRecord(text: string): readonly DeadLetterRecord[] {
  try {
    const record: unknown = JSON.parse(text);
    const isRecord = typeof record === "object" && record !== null && "id" in record && "reason" in record;
    // Written by `add` above: the shape is the one that was handed in.
    return isRecord ? [record as DeadLetterRecord] : [];
  } catch {
    return [];
  }
}
