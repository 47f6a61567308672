import type { ChordPart, ChordStore, ResultBackend } from "@celeriac/core/ports";
import fc from "fast-check";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { chordHistory, runHistory } from "../../testkit/test/chord-model.js";
import { type RedisBackendOptions, redisBackend } from "../src/index.js";

const DAY = 86_400;

function partOf(index: number, changes: Partial<ChordPart> = {}): ChordPart {
  const named = { groupId: "g", taskId: `t${index}`, groupIndex: index };
  return { ...named, status: "SUCCESS", result: String(index), size: null, ...changes };
}

describe.skipIf(!hasRedisServer)("chords in Redis", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: ResultBackend[] = [];

  const open = (options: RedisBackendOptions = {}): ChordStore => {
    const backend = redisBackend(redis.url, options);
    opened.push(backend);
    if (backend.chords === undefined) throw new Error("no chords");
    return backend.chords;
  };
  const keyOf = (suffix: string): string => `celery-taskset-meta-g.${suffix}`;
  const ttls = async (): Promise<Readonly<Record<string, number>>> => {
    const keys = (await raw.keys("*")).sort();
    return Object.fromEntries(
      await Promise.all(keys.map(async (key) => [key.replace(keyOf(""), ""), await raw.ttl(key)])),
    );
  };

  beforeEach(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
    await redis.stop();
  });

  it("writes Celery's keys: completions by place, size as text, additional members as a count", async () => {
    const chords = open();
    await chords.setSize("g", 3);
    await chords.extend("g", "added");
    await chords.addPart(partOf(1, { result: '{"a":[1,"x"]}' }));
    await chords.addPart(partOf(0, { groupIndex: null }));
    expect(await raw.zrange(keyOf("j"), 0, "-1", "WITHSCORES")).toEqual([
      '[1, "t1", "SUCCESS", {"a":[1,"x"]}]',
      "1",
      '[1, "t0", "SUCCESS", 0]',
      "inf",
    ]);
    expect(await raw.mget(keyOf("s"), keyOf("t"), keyOf("d"))).toEqual(["3", "1", "open"]);
  });

  it("announces the size, as Celery does", async () => {
    const listener = redis.client();
    await listener.subscribe(keyOf("s"));
    const heard = new Promise((resolve) => listener.on("message", (_channel, text) => resolve(text)));
    await open().setSize("g", 12);
    expect(await heard).toBe("12");
  });

  it("names the finisher, takes the size away from Python, and leaves nothing but a mark", async () => {
    const chords = open();
    await chords.setSize("g", 2);
    await Promise.all([chords.addPart(partOf(0)), chords.addPart(partOf(1))]);
    expect(await raw.get(keyOf("d"))).toBe("claim:t1");
    expect(Object.keys(await ttls())).toEqual(["d", "j"]);
    await chords.close("g");
    expect(await raw.get(keyOf("d"))).toBe("done");
    await chords.addPart(partOf(0, { size: 2 }));
    await chords.extend("g", "added");
    await chords.setSize("g", 2);
    expect(Object.keys(await ttls())).toEqual(["d"]);
  });

  it("leaves the completions of a failed header, as Celery does", async () => {
    const chords = open();
    await chords.setSize("g", 2);
    await chords.addPart(partOf(0, { status: "FAILURE", result: '{"exc_type":"E"}' }));
    await chords.addPart(partOf(1));
    expect(await raw.get(keyOf("d"))).toBe("failed:t1");
    await chords.close("g");
    await chords.close("g");
    expect(Object.keys(await ttls())).toEqual(["d", "j"]);
    expect(await raw.zcard(keyOf("j"))).toBe(2);
  });

  it.each([
    ["for a day when results are not", 60, DAY],
    ["as long as results", 3 * DAY, 3 * DAY],
  ])("keeps what it counts %s", async (_name, resultExpires, seconds) => {
    const chords = open({ resultExpires });
    await chords.setSize("g", 3);
    await chords.extend("g", "added");
    for (const suffix of ["s", "t", "x"]) await raw.expire(keyOf(suffix), 100);
    await chords.addPart(partOf(0));
    const kept = await ttls();
    expect(Object.keys(kept)).toEqual(["d", "j", "s", "t", "x"]);
    for (const ttl of Object.values(kept)) expect(ttl).toBeGreaterThan(seconds - 10);
    for (const ttl of Object.values(kept)) expect(ttl).toBeLessThanOrEqual(seconds);
    await raw.expire(keyOf("j"), 100);
    await chords.addPart(partOf(0));
    expect((await ttls()).j).toBeGreaterThan(seconds - 10);
  });

  it("keeps open chords for ever when results are, but not the mark of a closed one", async () => {
    const chords = open({ resultExpires: null });
    await chords.setSize("g", 1);
    await chords.extend("g", "added");
    await chords.addPart(partOf(0));
    expect(await ttls()).toEqual({ d: -1, j: -1, s: -1, t: -1, x: -1 });
    await chords.addPart(partOf(1, { taskId: "added" }));
    await chords.close("g");
    expect(Object.keys(await ttls())).toEqual(["d"]);
    expect((await ttls()).d).toBeGreaterThan(DAY - 10);
  });

  it("puts the size back for Python when it was lost", async () => {
    const chords = open();
    await chords.addPart(partOf(0, { size: 2 }));
    expect(await raw.get(keyOf("s"))).toBe("2");
    expect(await raw.ttl(keyOf("s"))).toBeGreaterThan(DAY - 10);
  });

  it("knows a task that Python has recorded, whatever is around it", async () => {
    const chords = open();
    await chords.setSize("g", 42);
    for (let index = 0; index < 40; index += 1) {
      await raw.zadd(keyOf("j"), index % 2 === 0 ? "+inf" : 7, `[1, "p${index}", "SUCCESS", "theirs"]`);
    }
    for (let index = 0; index < 40; index += 1) {
      await chords.addPart(partOf(index, { taskId: `p${index}`, groupIndex: index % 4 === 3 ? null : 7 }));
    }
    await chords.addPart(partOf(40));
    const standing = await chords.addPart(partOf(41));
    expect(standing.kind).toBe("complete");
    if (standing.kind !== "complete") return;
    const theirs = standing.entries.filter(({ result }) => result === "theirs");
    expect(new Set(theirs.map(({ taskId }) => taskId)).size).toBe(40);
    expect(standing.entries).toHaveLength(42);
  });

  it.each([true, false])(
    "waits for a task that Python has counted in another's place (ordered: %j)",
    async (ordered) => {
      const chords = open({ resultChordOrdered: ordered });
      await chords.setSize("g", 3);
      for (const result of ['"a"', '"b"']) {
        const member = `[1, "p\\"0", "SUCCESS", ${result}]`;
        if (ordered) await raw.zadd(keyOf("j"), 0, member);
        else await raw.rpush(keyOf("j"), member);
      }
      expect((await chords.addPart(partOf(1))).kind).toBe("waiting");
      const standing = await chords.addPart(partOf(2));
      expect(standing).toMatchObject({ kind: "complete", entries: [{ taskId: 'p"0', result: "a" }, {}, {}] });
    },
  );

  it("a completion that comes after Python has finished the chord does no harm", async () => {
    const chords = open();
    await chords.setSize("g", 2);
    await chords.addPart(partOf(0, { size: 2 }));
    await raw.del(keyOf("j"), keyOf("t"), keyOf("s")); // what Python does when it has sent the body
    await chords.extend("g", "added");
    expect((await chords.addPart(partOf(0, { size: 2 }))).kind).toBe("closed");
    expect(Object.keys(await ttls())).toEqual(["d"]);
  });

  it("a key of a wrong type does not take the other chords of its tick down", async () => {
    await raw.set(keyOf("j"), "x");
    const chords = open();
    const [bad, good] = await Promise.allSettled([
      chords.addPart(partOf(0, { size: 1 })),
      chords.addPart(partOf(0, { groupId: "good", size: 1 })),
    ]);
    expect(bad).toMatchObject({ status: "rejected", reason: { code: "BACKEND_REFUSED", retryable: false } });
    expect(good).toMatchObject({ status: "fulfilled", value: { kind: "complete" } });
  });

  it("a server out of memory refuses, retryably, and nothing is counted", async () => {
    const chords = open();
    await chords.setSize("g", 2);
    await raw.config("SET", "maxmemory", "1mb");
    await expect(chords.addPart(partOf(0))).rejects.toMatchObject({ code: "BACKEND_REFUSED", retryable: true });
    await raw.config("SET", "maxmemory", "0");
    expect((await chords.addPart(partOf(0, { result: '"again"' }))).kind).toBe("waiting");
    expect(await chords.addPart(partOf(1))).toMatchObject({ kind: "complete", entries: [{ result: "again" }, {}] });
  });

  it("makes one command of the completions of a tick", async () => {
    const chords = open();
    await chords.addPart(partOf(0));
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await raw.info("commandstats"))?.[1] ?? 0);
    const before = await calls();
    await Promise.all(Array.from({ length: 50 }, (_, index) => chords.addPart(partOf(index))));
    expect((await calls()) - before).toBe(1);
  });

  it.each([true, false])("random histories are borne (ordered: %j)", async (resultChordOrdered) => {
    const stores = [1, 2, 3].map(() => open({ resultChordOrdered }));
    let count = 0;
    const property = fc.asyncProperty(chordHistory, async (history) => {
      count += 1;
      await runHistory(history, stores, `random ${count}`, resultChordOrdered);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
