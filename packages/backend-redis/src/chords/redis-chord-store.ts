/**
 * Joins chords in the keys of Celery's Redis backend, so that a header may run in Python and TypeScript workers at once.
 * The scripts decide; `part-script.ts` names the keys.
 *
 * Invariants: those of `ChordStore`. They hold for what our workers record. Python's own gap stays where a Python worker
 * finishes: between counting and deleting the keys, a repeated completion here may finish the chord as well.
 * @module
 */
import type { BatchItem } from "@celeriac/core/lifecycle";
import { createTickBatch, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, ChordPart, ChordStanding, ChordStore } from "@celeriac/core/ports";
import type { RedisArgument, RedisConnection, RedisScript } from "@celeriac/redis-connection";
import { describeFailure, listReply, textReply } from "@celeriac/redis-connection";
import { createBackendCalls } from "../backend-calls.js";
import type { ResultKeys } from "../result-keys.js";
import { decodeMember, encodeMember, idText } from "./chord-member.js";
import { CLOSE_SCRIPT, EXTEND_SCRIPT, SIZE_SCRIPT } from "./chord-scripts.js";
import { DAY_SECONDS, outliving } from "./expiry.js";
import { LISTED_PART_SCRIPT, SORTED_PART_SCRIPT } from "./part-script.js";

export interface RedisChordStoreOptions {
  readonly connection: RedisConnection;
  readonly keys: ResultKeys;
  /** 0 keeps for ever what is not closed. */
  readonly expirySeconds: number;
  readonly timeoutMs: number;
  /** Whether completions are kept in the header's order; all peers of a store must agree. */
  readonly chordsOrdered: boolean;
}

type Item = BatchItem<ChordPart, ChordStanding>;

/** Keeps a script call from holding up the server for long. */
const PARTS_PER_CALL = 250;
const ADDING = "recording a header task of a chord";

export function createRedisChordStore(options: RedisChordStoreOptions): ChordStore {
  const { connection, keys, timeoutMs } = options;
  const calls = createBackendCalls(connection, timeoutMs);
  const expiry = outliving(options.expirySeconds);
  const tombstone = Math.max(expiry, DAY_SECONDS);
  const script = options.chordsOrdered ? SORTED_PART_SCRIPT : LISTED_PART_SCRIPT;

  const record = createTickBatch<ChordPart, ChordStanding>(async (items) => {
    const reply = await calls.ask(`recording ${items.length} header tasks of chords`, undefined, (ready) =>
      ready.run(
        script,
        items.map((item) => keys.group(item.value.groupId)),
        [expiry, tombstone, ...items.flatMap((item) => argumentsOf(item.value))],
      ),
    );
    const replies = listReply(reply);
    items.forEach((item, index) => {
      settle(item, replies[index]);
    });
  }, PARTS_PER_CALL);

  const run = async (
    doing: string,
    call: { readonly script: RedisScript; readonly groupId: string; readonly args: readonly RedisArgument[] },
    callOptions: CallOptions | undefined,
  ): Promise<void> => {
    await calls.ask(doing, callOptions, (ready) => ready.run(call.script, [keys.group(call.groupId)], call.args));
  };

  return {
    setSize: (groupId, size, callOptions) =>
      run("setting the size of a chord", { script: SIZE_SCRIPT, groupId, args: [expiry, size] }, callOptions),
    extend: (groupId, memberId, callOptions) =>
      run("extending a chord", { script: EXTEND_SCRIPT, groupId, args: [expiry, memberId] }, callOptions),
    close: (groupId, callOptions) =>
      run("closing a chord", { script: CLOSE_SCRIPT, groupId, args: [tombstone] }, callOptions),
    async addPart(part, callOptions) {
      callOptions?.signal?.throwIfAborted();
      if (callOptions?.signal === undefined && callOptions?.timeoutMs === undefined) return record(part);
      const limits = { timeoutMs: callOptions.timeoutMs ?? timeoutMs * 2, signal: callOptions.signal };
      return withDeadline(record(part), limits, () =>
        connection.failure(connection.ready ? "timeout" : "unavailable", ADDING),
      );
    },
  };
}

function argumentsOf(part: ChordPart): readonly RedisArgument[] {
  return [idText(part.taskId), part.groupIndex ?? "+inf", part.size ?? "", encodeMember(part)];
}

/** What the reply of `part-script.ts` for one completion says. */
function settle(item: Item, reply: unknown): void {
  if (reply === 0) item.resolve({ kind: "waiting" });
  else if (reply === 2) item.resolve({ kind: "closed" });
  else if (Array.isArray(reply)) item.resolve({ kind: "complete", entries: reply.map(entryOf) });
  else item.reject(describeFailure("backend", "refused", ADDING, new Error(textReply(reply) ?? "It sent nothing.")));
}

function entryOf(member: unknown): ReturnType<typeof decodeMember> {
  return decodeMember(textReply(member) ?? "");
}
