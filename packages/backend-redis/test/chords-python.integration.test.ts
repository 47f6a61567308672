import type { ChordEntry, ChordPart, ChordStore, ResultBackend } from "@celeriac/core/ports";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBackend } from "../src/index.js";
import { ChordPeer, hasCelery } from "./peers/chord-peer.js";

const SIZE = 7;
const FAILURE = '{"exc_type":"ValueError","exc_message":["bad part"],"exc_module":"builtins"}';

/** Which of the header's tasks run where, as bits of `seed`; the last one to come is said apart. */
function runsInPython(seed: number, index: number): boolean {
  return ((seed >> index) & 1) === 1;
}

/** The header's places in an order that the seed decides, `last` at the end. */
function orderOf(seed: number, last: number): readonly number[] {
  const others = Array.from({ length: SIZE }, (_, index) => index).filter((index) => index !== last);
  const turn = seed % others.length;
  return [...others.slice(turn), ...others.slice(0, turn), last];
}

describe.skipIf(!hasRedisServer || !hasCelery).each([true, false])(
  "a chord with Python's (ordered: %j)",
  (isOrdered) => {
    let redis: RedisFixture;
    let peer: ChordPeer;
    let backend: ResultBackend;
    let chords: ChordStore;
    let group = "";
    let finished: (readonly unknown[])[] = [];
    let count = 0;

    beforeAll(async () => {
      redis = await startRedis();
      peer = new ChordPeer(redis.url, isOrdered);
      backend = redisBackend(redis.url, { resultChordOrdered: isOrdered });
      if (backend.chords === undefined) throw new Error("no chords");
      chords = backend.chords;
    });
    afterAll(async () => {
      await peer[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      await redis.stop();
    });
    afterEach(async () => {
      await redis.client().flushall();
    });

    const begin = async (size: number): Promise<void> => {
      count += 1;
      group = `chord-${count}`;
      finished = [];
      await chords.setSize(group, size);
    };

    /** Ends a task in Python; what it sends a body with is written down. */
    const endInPython = async (
      index: number,
      result: unknown,
      state: "SUCCESS" | "FAILURE" = "SUCCESS",
    ): Promise<void> => {
      const part = { group, task: `task-${index}`, index, state, result, body: `${group}-body` };
      for (const list of await peer.addPart(part)) finished.push(Array.isArray(list) ? list : []);
    };

    /** Ends a task here, and its chord when it is the finisher. */
    const endHere = async (index: number, changes: Partial<ChordPart> = {}): Promise<readonly ChordEntry[]> => {
      const named = { groupId: group, taskId: `task-${index}`, groupIndex: index };
      const plain = { status: "SUCCESS", result: `{"ours": ${index}}`, size: SIZE } as const;
      const standing = await chords.addPart({ ...named, ...plain, ...changes });
      if (standing.kind !== "complete") return [];
      finished.push(standing.entries.map(({ result }) => result));
      await chords.close(group);
      return standing.entries;
    };

    const end = (seed: number, index: number): Promise<unknown> =>
      runsInPython(seed, index) ? endInPython(index, { theirs: index }) : endHere(index);

    const resultOf = (seed: number, index: number): unknown =>
      runsInPython(seed, index) ? { theirs: index } : { ours: index };

    it.each([0b0000001, 0b0101010, 0b1010101, 0b1111110, 0b0110001, 0b1001110])(
      "is finished once with the right list, whoever is last (split %#)",
      async (seed) => {
        for (let last = 0; last < SIZE; last += 1) {
          await begin(SIZE);
          const order = orderOf(seed + last, last);
          for (const index of order.slice(0, -1)) {
            await end(seed, index);
            expect(finished, "before all have come").toEqual([]);
          }
          await end(seed, last);
          const places = isOrdered ? [...order].sort((a, b) => a - b) : order;
          expect(finished).toEqual([places.map((index) => resultOf(seed, index))]);
          for (const index of order) if (!runsInPython(seed, index)) await endHere(index);
          expect(finished, "when ours come again").toHaveLength(1);
        }
      },
    );

    it("is not finished by Python once more while we finish it", async () => {
      await begin(2);
      await endInPython(0, "theirs");
      const last = {
        groupId: group,
        taskId: "task-1",
        groupIndex: 1,
        status: "SUCCESS",
        result: "1",
        size: 2,
      } as const;
      const standing = await chords.addPart(last);
      expect(standing.kind).toBe("complete");
      await endInPython(0, "theirs");
      await endInPython(0, "theirs, but another");
      expect(finished).toEqual([]);
      expect(await chords.addPart(last)).toMatchObject({ kind: "complete", entries: [{}, {}] });
      await chords.close(group);
      await endInPython(0, "theirs");
      expect(finished).toEqual([]);
    });

    it("is finished here when a Python worker died before it could", async () => {
      await begin(2);
      await endHere(0);
      const key = `celery-taskset-meta-${group}.j`;
      const member = '[1, "task-1", "SUCCESS", "theirs"]';
      await (isOrdered ? redis.client().zadd(key, 1, member) : redis.client().rpush(key, member));
      await endHere(1, { result: '"ours"' });
      expect(finished).toEqual([[{ ours: 0 }, "theirs"]]);
    });

    it("waits for what Python adds, and Python for what we add", async () => {
      await begin(1);
      await chords.extend(group, "task-1");
      await endInPython(0, "theirs");
      expect(finished).toEqual([]);
      await endHere(1, { result: '"ours"' });
      expect(finished).toEqual([["theirs", "ours"]]);
      await begin(1);
      await redis.client().incr(`celery-taskset-meta-${group}.t`);
      await endHere(0, { result: '"ours"', size: 1 });
      expect(finished).toEqual([]);
      await endInPython(1, "theirs");
      expect(finished).toEqual([["ours", "theirs"]]);
    });

    it("fails in Python with our failure", async () => {
      await begin(2);
      await endHere(0, { status: "FAILURE", result: FAILURE });
      await endInPython(1, "theirs");
      expect(finished).toEqual([]);
      expect(await backend.fetch(`${group}-body`)).toMatchObject({
        status: "FAILURE",
        result: { exc_type: "ChordError", exc_message: ["Dependency task-0 raised ValueError('bad part')"] },
      });
    });

    it("fails here with Python's failure", async () => {
      await begin(2);
      await endInPython(0, "bad part", "FAILURE");
      const entries = await endHere(1);
      const exception = { exc_type: "ValueError", exc_message: ["bad part"], exc_module: "builtins" };
      expect(entries[0]).toEqual({ taskId: "task-0", status: "FAILURE", result: exception });
    });

    it("counts a task once that ran in Python and here with the same result", async () => {
      await begin(3);
      await endInPython(0, { a: [1, 2.5, null], b: "é" });
      await endHere(0, { result: '{"a":[1,2.5,null],"b":"é"}' });
      await endHere(1, { result: '"x"' });
      expect(finished).toEqual([]);
      await endHere(2, { result: '"y"' });
      expect(finished).toEqual([[{ a: [1, 2.5, null], b: "é" }, "x", "y"]]);
    });
  },
);
