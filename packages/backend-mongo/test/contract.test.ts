import type { ResultBackend } from "@celeriac/core/ports";
import { type BackendFixture, backendContract } from "@celeriac/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type MongoBackendOptions, mongoBackend } from "../src/index.js";
import { createTestDatabase, MONGO_URL, type TestDatabase } from "./servers/mongo-server.js";

describe.skipIf(MONGO_URL === undefined)("the backend contract on MongoDB (CELERIAC_MONGO_URL)", () => {
  let database: TestDatabase;
  let cases = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  function create(options: MongoBackendOptions): BackendFixture {
    cases += 1;
    const names = {
      taskmetaCollection: `case${cases}_task`,
      groupmetaCollection: `case${cases}_group`,
      chordCollection: `case${cases}_chord`,
      chordPartCollection: `case${cases}_part`,
    };
    const opened: ResultBackend[] = [];
    const open = (more: MongoBackendOptions = {}): ResultBackend => {
      const backend = mongoBackend(database.url, { ...names, nativeChords: true, ...options, ...more });
      opened.push(backend);
      return backend;
    };
    return {
      backend: open(),
      createPeer: () => open(),
      createCompressingPeer: () => open({ resultCompression: "zlib" }),
      putRaw: async (taskId, text) => {
        await database.collection(names.taskmetaCollection).insertOne({
          _id: taskId,
          status: "STARTED",
          result: text,
          children: text, // for BSON, where any text is a result
        });
      },
      loseChordSize: async (groupId) => {
        await database.collection(names.chordCollection).updateOne({ _id: groupId }, { $unset: { size: "" } });
      },
      stall: async () => database.proxy.stall(),
      cleanup: async () => {
        database.proxy.resume();
        await Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]()));
      },
    };
  }

  const contracts: readonly (readonly [string, MongoBackendOptions])[] = [
    ["results as JSON text", {}],
    ["results as BSON", { resultSerializer: "bson", changeStream: false }],
    ["results that are compressed", { resultCompression: "brotli" }],
  ];
  for (const [title, options] of contracts) {
    describe(title, () => {
      for (const one of backendContract(() => create(options))) {
        it(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
          const outcome = await one.run();
          if (outcome.status === "skipped") skip(outcome.reason);
        });
      }
    });
  }
});
