import assert from "node:assert/strict";
import type { DeadLetterRecord } from "@celeriac/core/ports";
import { type BrokerCase, brokerCase } from "./broker-stage.js";

function record(id: string, at: number): DeadLetterRecord {
  return {
    id,
    queue: "contract",
    reason: "E_BODY",
    detail: 'no JSON: "é\n"',
    at,
    worker: "contract@host",
    taskId: "some-task",
    taskName: "tasks.add",
    raw: Buffer.from([0, 255, 10]).toString("base64"),
    truncated: true,
  };
}

/** Records of messages nobody could run. */
export const deadLetterCases: readonly BrokerCase[] = [
  brokerCase("a dead letter is kept as it was added", async (stage) => {
    const added = record("one", 1_700_000_000_123);
    await stage.broker.deadLetters.add(added);
    assert.deepEqual(await stage.broker.deadLetters.list(), [added]);
    assert.equal(await stage.broker.deadLetters.count(), 1);
  }),

  brokerCase("dead letters outlive the broker that added them", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await stage.broker.deadLetters.add(record("one", 1_700_000_000_123));
    await stage.broker[Symbol.asyncDispose]();
    assert.equal(await peer.deadLetters.count(), 1);
  }),

  brokerCase("dead letters are listed newest first, up to the limit", async (stage) => {
    const { deadLetters } = stage.broker;
    assert.deepEqual(await deadLetters.list(), []);
    for (const [index, id] of ["a", "b", "c", "d"].entries()) await deadLetters.add(record(id, 1_000_000 + index));
    assert.deepEqual(await ids(deadLetters.list()), ["d", "c", "b", "a"]);
    assert.deepEqual(await ids(deadLetters.list({ limit: 2 })), ["d", "c"]);
    assert.equal(await deadLetters.count(), 4);
  }),

  brokerCase("a hundred dead letters are listed by default", async (stage) => {
    const { deadLetters } = stage.broker;
    await Promise.all(Array.from({ length: 105 }, (_, index) => deadLetters.add(record(`r${index}`, 1000 + index))));
    assert.equal((await deadLetters.list()).length, 100);
    assert.equal((await deadLetters.list({ limit: 200 })).length, 105);
    assert.equal(await deadLetters.count(), 105);
  }),

  brokerCase("removing a dead letter says whether it was there", async (stage) => {
    const { deadLetters } = stage.broker;
    await deadLetters.add(record("a", 1));
    await deadLetters.add(record("b/../$ é", 2));
    assert.equal(await deadLetters.remove("b/../$ é"), true);
    assert.equal(await deadLetters.remove("b/../$ é"), false);
    assert.equal(await deadLetters.remove("unknown"), false);
    assert.deepEqual(await ids(deadLetters.list()), ["a"]);
  }),
];

async function ids(listed: Promise<readonly DeadLetterRecord[]>): Promise<readonly string[]> {
  return (await listed).map((entry) => entry.id);
}
