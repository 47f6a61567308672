/** What the driver does with change streams, against a stub: the server at hand may have none. */
import { createDeferred, systemClock } from "@celeriac/core/lifecycle";
import { BSON } from "mongodb";
import { afterEach, describe, expect, it } from "vitest";
import { mongoBackend } from "../src/index.js";
import { type Document, type StubServer, startStubServer } from "./servers/stub-server.js";

const HELLO = {
  ...{ ok: 1, isWritablePrimary: true, setName: "rs", hosts: ["127.0.0.1:1"], minWireVersion: 0, maxWireVersion: 21 },
  ...{ maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, logicalSessionTimeoutMinutes: 30 },
};
const CURSOR = BSON.Long.fromNumber(7);

/** A replica set that holds results, and tells of changes when the test says so. */
class StubReplicaSet {
  readonly documents = new Map<string, Document>();
  readonly commands: string[] = [];
  streams = 0;
  #changes: Document[] = [];
  #failure: Document | undefined;
  #woken = createDeferred<void>();

  readonly answer = async (name: string, command: Document): Promise<Document> => {
    this.commands.push(name);
    switch (name) {
      case "hello":
      case "ismaster":
        return HELLO;
      case "find":
        return { ok: 1, cursor: { id: BSON.Long.ZERO, ns: "x.y", firstBatch: this.#found(command) } };
      case "aggregate":
        this.streams += 1;
        return { ok: 1, cursor: { id: CURSOR, ns: "x.y", firstBatch: [], postBatchResumeToken: { _data: "0" } } };
      case "getMore":
        return this.#more();
      default:
        return { ok: 1 };
    }
  };

  change(id: string, document: Document): void {
    this.documents.set(id, document);
    this.#changes.push({ _id: { _data: id }, operationType: "insert", documentKey: { _id: id } });
    this.#woken.resolve();
  }

  /** Ends the stream in a way from which the driver does not resume it. */
  fail(): void {
    this.#failure = { ok: 0, code: 286, codeName: "ChangeStreamHistoryLost", errmsg: "history lost" };
    this.#woken.resolve();
  }

  async #more(): Promise<Document> {
    await Promise.race([this.#woken.promise, systemClock.sleep(100)]);
    this.#woken = createDeferred<void>();
    const [nextBatch, failure] = [this.#changes, this.#failure];
    this.#changes = [];
    this.#failure = undefined;
    return failure ?? { ok: 1, cursor: { id: CURSOR, ns: "x.y", nextBatch, postBatchResumeToken: { _data: "1" } } };
  }

  #found(command: Document): readonly Document[] {
    const text = JSON.stringify(command.filter);
    return [...this.documents].filter(([id]) => text.includes(JSON.stringify(id))).map(([, document]) => document);
  }
}

const SUCCESS = { status: "SUCCESS", result: "5", traceback: null, children: [], date_done: new Date(0) };

describe("results heard of by a change stream", () => {
  const opened: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
  });

  async function open(): Promise<{ readonly set: StubReplicaSet; readonly backend: ReturnType<typeof mongoBackend> }> {
    const set = new StubReplicaSet();
    const server: StubServer = await startStubServer(set.answer);
    const backend = mongoBackend(server.url, { pollMinMs: 60_000, pollMaxMs: 60_000 });
    opened.push(backend, server);
    return { set, backend };
  }

  it("come without a look at the collection, one stream for all who wait", async () => {
    const { set, backend } = await open();
    const heard: string[] = [];
    for (const id of ["a", "b", "c"]) await backend.watcher.watch(id, ({ taskId }) => heard.push(taskId));
    const before = set.commands.filter((name) => name === "find").length;
    set.change("b", { _id: "b", ...SUCCESS });
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["b"]);
    set.change("nobody", { _id: "nobody", ...SUCCESS });
    set.change("c", { _id: "c", ...SUCCESS });
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["b", "c"]);
    expect(set.streams).toBe(1);
    expect(set.commands.filter((name) => name === "find").length - before).toBe(2);
  });

  it("are read again when the stream broke off", async () => {
    const { set, backend } = await open();
    const heard: string[] = [];
    const errors: unknown[] = [];
    await backend.watcher.watch("a", ({ taskId }) => heard.push(taskId), { onError: (error) => errors.push(error) });
    set.documents.set("a", { _id: "a", ...SUCCESS }); // of this the stream tells nothing
    set.fail();
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["a"]);
    expect(set.streams).toBe(2);
    expect(errors).toMatchObject([{ message: expect.stringContaining("history lost") }]);
  });

  it("closing ends the stream", async () => {
    const { set, backend } = await open();
    await backend.watcher.watch("a", () => undefined);
    await backend[Symbol.asyncDispose]();
    expect(set.commands).toContain("killCursors");
  });
});
