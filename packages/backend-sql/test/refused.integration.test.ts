import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Backends, recordOf } from "./sample.js";
import { createTestDatabase, MARIADB, POSTGRES, type TestDatabase } from "./servers/sql-server.js";

const REFUSED = { code: "BACKEND_REFUSED", retryable: false };
const TOO_LONG = { ...REFUSED, message: expect.stringMatching(/bytes is more than the \d+ of .*max_allowed_packet/) };

describe.skipIf(MARIADB.url === undefined)("more than MariaDB takes in one piece", () => {
  let database: TestDatabase;
  let limit: number;
  const backends = new Backends();

  beforeAll(async () => {
    database = await createTestDatabase(MARIADB);
    const [row] = await database.ask("SELECT @@max_allowed_packet AS bytes");
    limit = Number(row?.bytes);
  });
  afterEach(() => backends[Symbol.asyncDispose]());
  afterAll(() => database.drop());

  it("is refused at once, and the other results of its tick are stored", async () => {
    const backend = backends.open(database.url);
    await backend.fetch("warm");
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled([
      backend.store(recordOf("small")),
      backend.store(recordOf("huge", "SUCCESS", "x".repeat(limit))),
      backend.store(recordOf("other")),
      backend.store(recordOf("traced", "FAILURE", null, { traceback: "'".repeat(limit / 2) })),
      backend.store(recordOf("last")),
    ]);
    expect(performance.now() - startedAt, "well within the deadline").toBeLessThan(8_000);
    expect(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : "stored"))).toEqual([
      ...["stored", expect.objectContaining(TOO_LONG), "stored", expect.objectContaining(TOO_LONG), "stored"],
    ]);
    for (const id of ["small", "other", "last"]) expect((await backend.fetch(id))?.status).toBe("SUCCESS");
    expect(await backend.fetch("huge")).toBeUndefined();
  });

  it("begins where the server says: the longest result that fits is stored", async () => {
    const backend = backends.open(database.url);
    const store = (length: number): Promise<unknown> =>
      backend.store(recordOf("longest", "SUCCESS", "x".repeat(length))).catch((error: unknown) => error);
    const guess = limit / 2;
    const bytes = Number(/of (\d+) bytes/.exec(String(await store(guess)))?.[1]);
    // A byte is two digits, and the server wants its text to be shorter than its limit by the command and one.
    const longest = guess - Math.ceil((bytes - (limit - 2)) / 2);
    expect(await store(longest + 1)).toMatchObject(TOO_LONG);
    expect(await store(longest)).toBeUndefined();
    expect((await backend.fetch("longest"))?.result).toHaveLength(longest);
  });

  it("is refused as a part of a chord, and as a group", async () => {
    const backend = backends.open(database.url, { nativeChords: true });
    const part = { groupIndex: 0, status: "SUCCESS", size: 1 } as const;
    const result = JSON.stringify("x".repeat(limit));
    const huge = backend.chords?.addPart({ groupId: "huge", taskId: "t", ...part, result });
    await expect(huge).rejects.toMatchObject(TOO_LONG);
    const members = Array.from(
      { length: 100 },
      (_, index) => [[`${index}${"x".repeat(limit / 100)}`, null], []] as const,
    );
    await expect(backend.groups.save("g", [["g", null], members])).rejects.toMatchObject(TOO_LONG);
  });
});

describe.each([POSTGRES, MARIADB])("parts of chords that $title refuses", (server) => {
  it.skipIf(server.url === undefined)("do not take the others of their tick down", async () => {
    const database = await createTestDatabase(server);
    await using backends = new Backends();
    const backend = backends.open(database.url, { nativeChords: true });
    const add = (groupId: string, taskId: string, groupIndex: number) =>
      backend.chords?.addPart({ groupId, taskId, groupIndex, status: "SUCCESS", result: "1", size: 2 });
    const outOfRange = 1e30;
    const outcomes = await Promise.allSettled([
      ...[add("a", "1", 0), add("b", "1", 0), add("b", "bad", outOfRange), add("a", "2", 1), add("b", "2", 1)],
    ]);
    expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value?.kind : one.reason))).toEqual([
      ...["waiting", "waiting", expect.objectContaining(REFUSED), "complete", "complete"],
    ]);
    await backends[Symbol.asyncDispose]();
    await database.drop();
  });
});
