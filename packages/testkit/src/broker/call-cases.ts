import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { plainQueue, routeTo, sampleMessage } from "./sample-message.js";

/** Signals, deadlines, and use after close. */
export const callCases: readonly BrokerCase[] = [
  brokerCase("an aborted signal rejects the call with its reason", async (stage) => {
    const reason = new Error("not wanted any more");
    const signal = AbortSignal.abort(reason);
    const route = routeTo(stage.queue);
    const same = (error: unknown): boolean => error === reason;
    await assert.rejects(stage.broker.publish(sampleMessage("m0"), route, { signal }), same);
    await assert.rejects(manyOf(stage.broker.publishMany([[sampleMessage("m0"), route]], { signal })), same);
    await assert.rejects(stage.broker.consume({ queues: [plainQueue(stage.queue)], prefetch: 1 }, { signal }), same);
    await assert.rejects(stage.broker.queues.length(stage.queue, { signal }), same);
    await assert.rejects(stage.broker.deadLetters.count({ signal }), same);
  }),

  brokerCase(
    "a publish that gets no answer fails at its deadline",
    async (stage) => {
      await stage.publish("warm");
      await stage.fixture.stall?.();
      const started = systemClock.monotonic();
      const publish = stage.broker.publish(sampleMessage("m0"), routeTo(stage.queue), { timeoutMs: 200 });
      await assert.rejects(publish, (error: Error & { code?: string; retryable?: boolean }) => {
        assert.ok(error.code === "PUBLISH_TIMEOUT" || error.code === "BROKER_UNAVAILABLE", error.code);
        assert.equal(error.retryable, true);
        return true;
      });
      assert.ok(systemClock.monotonic() - started < stage.timing.settleMs);
    },
    ["stall"],
  ),

  brokerCase(
    "a publish that gets no answer can be abandoned by its signal",
    async (stage) => {
      await stage.publish("warm");
      await stage.fixture.stall?.();
      const abort = new AbortController();
      const reason = new Error("enough");
      const publish = stage.broker.publish(sampleMessage("m0"), routeTo(stage.queue), { signal: abort.signal });
      setImmediate(() => abort.abort(reason));
      await assert.rejects(publish, (error) => error === reason);
    },
    ["stall"],
  ),

  brokerCase("every call on a closed broker is refused as BROKER_CLOSED", async (stage) => {
    const { broker, queue } = stage;
    await stage.publish("m0");
    await broker[Symbol.asyncDispose]();
    const closed = { code: "BROKER_CLOSED" };
    await assert.rejects(broker.publish(sampleMessage("m1"), routeTo(queue)), closed);
    await assert.rejects(broker.consume({ queues: [plainQueue(queue)], prefetch: 1 }), closed);
    await assert.rejects(broker.queues.length(queue), closed);
    await assert.rejects(broker.queues.purge(queue), closed);
    await assert.rejects(broker.queues.declare(plainQueue(queue)), closed);
    await assert.rejects(broker.deadLetters.count(), closed);
    await assert.rejects(manyOf(broker.publishMany([[sampleMessage("m1"), routeTo(queue)]])), closed);
  }),

  brokerCase("closing a broker twice is safe, and one never used too", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await peer[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  }),

  brokerCase("closing one broker leaves its peers at work", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await peer.queues.length(stage.queue);
    await peer[Symbol.asyncDispose]();
    await stage.publish("m0");
    assert.deepEqual(await (await stage.open()).texts(1), ["m0"]);
  }),

  brokerCase("a broker describes itself without credentials", async (stage) => {
    const { description } = stage.broker;
    assert.ok(description.transport.length > 0);
    assert.equal(typeof description.hostname, "string");
    assert.equal(typeof description.virtualHost, "string");
    assert.doesNotMatch(JSON.stringify(description), /password|:\/\/[^/]*:[^/]*@/);
  }),
];

/** A broker may refuse the call as a whole or each message of it. */
async function manyOf(call: Promise<readonly PromiseSettledResult<void>[]>): Promise<void> {
  for (const result of await call) if (result.status === "rejected") throw result.reason;
}
