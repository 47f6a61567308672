import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";
import { plainQueue, routeTo, sampleMessage } from "./sample-message.js";

/** Publishing once per key. RELIABILITY G11. */
export const onceCases: readonly BrokerCase[] = [
  brokerCase(
    "a message is published once under its key",
    async (stage) => {
      const once = stage.onceOf();
      const route = routeTo(stage.queue);
      assert.equal(await once.publish(sampleMessage("m0"), route, "key"), true);
      assert.equal(await once.publish(sampleMessage("m0"), route, "key"), false);
      assert.equal(await once.publish(sampleMessage("m1"), route, "key"), false, "whatever the message is");
      assert.equal(await stage.length(), 1);
      const inbox = await stage.open();
      assert.deepEqual(await inbox.texts(1), ["m0"]);
      await inbox.expectQuiet();
    },
    ["once"],
  ),

  brokerCase(
    "a key stays used when its message is gone",
    async (stage) => {
      const route = routeTo(stage.queue);
      await stage.onceOf().publish(sampleMessage("m0"), route, "key");
      const inbox = await stage.open();
      await (await inbox.next()).ack();
      assert.equal(await stage.onceOf().publish(sampleMessage("m0"), route, "key"), false);
      await inbox.expectQuiet();
    },
    ["once"],
  ),

  brokerCase(
    "other keys, and messages without one, are published beside it",
    async (stage) => {
      const once = stage.onceOf();
      const route = routeTo(stage.queue);
      const keys = ["key", "KEY", "key ", "", "a:b", "naïve ☃ 😀", "__proto__"];
      for (const key of keys) assert.equal(await once.publish(sampleMessage(`m ${key}`), route, key), true, key);
      await stage.publish("plain");
      await stage.publish("plain");
      for (const key of keys) assert.equal(await once.publish(sampleMessage(`m ${key}`), route, key), false, key);
      assert.equal(await stage.length(), keys.length + 2);
    },
    ["once"],
  ),

  brokerCase(
    "of fifty that publish at once under a key, from several brokers, one does",
    async (stage) => {
      const brokers = [stage.broker, await stage.fixture.createPeer(), await stage.fixture.createPeer()];
      const route = routeTo(stage.queue);
      const published = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          stage.onceOf(brokers[index % brokers.length]).publish(sampleMessage(`m${index}`), route, "key"),
        ),
      );
      assert.equal(published.filter((isPublished) => isPublished).length, 1);
      const inbox = await stage.open();
      assert.deepEqual(await inbox.texts(1), [`m${published.indexOf(true)}`]);
      await inbox.expectQuiet();
    },
    ["once"],
  ),

  brokerCase(
    "what is published once is the message that was meant",
    async (stage) => {
      const message = sampleMessage("m0", { headers: { odd: { nested: [1, null, "☃"] } } });
      await stage.onceOf().publish(message, routeTo(stage.queue), "key");
      const delivery = await (await stage.open()).next();
      assert.deepEqual(delivery.message?.headers, message.headers);
      assert.deepEqual([...(delivery.message?.body ?? [])], [...message.body]);
      assert.equal(delivery.message?.properties.correlation_id, "m0");
      assert.equal(delivery.redelivered, false);
    },
    ["once"],
  ),

  brokerCase(
    "publishing once reaches every queue that is bound",
    async (stage) => {
      const exchange = { name: "once-topics", type: "topic" as const };
      const names = ["once-all", "once-errors"];
      await stage.broker.queues.declare({ name: "once-all", exchange, routingKey: "#" });
      await stage.broker.queues.declare({ name: "once-errors", exchange, routingKey: "*.error" });
      const route = { exchange: exchange.name, routingKey: "db.error", exchangeType: exchange.type };
      assert.equal(await stage.onceOf().publish(sampleMessage("m0"), route, "key"), true);
      assert.equal(await stage.onceOf().publish(sampleMessage("m0"), route, "key"), false);
      for (const name of names) assert.equal(await stage.length(name), 1, name);
    },
    ["once"],
  ),

  brokerCase(
    "publishing once declares the queue of the route",
    async (stage) => {
      const queue = plainQueue("once-declared");
      const route = { exchange: queue.exchange.name, routingKey: queue.routingKey, queue };
      assert.equal(await stage.onceOf().publish(sampleMessage("m0"), route, "key"), true);
      await stage.broker.publish(sampleMessage("m1"), { exchange: route.exchange, routingKey: route.routingKey });
      assert.equal(await stage.length(queue.name), 2);
    },
    ["once"],
  ),

  brokerCase(
    "what cannot be routed is UNROUTABLE, and leaves its key free",
    async (stage) => {
      const nowhere = { exchange: "once-nowhere", routingKey: "nothing" };
      const once = stage.onceOf();
      await assert.rejects(once.publish(sampleMessage("m0"), nowhere, "key"), { code: "UNROUTABLE" });
      assert.equal(await once.publish(sampleMessage("m0"), routeTo(stage.queue), "key"), true);
      assert.equal(await stage.length(), 1);
    },
    ["once"],
  ),

  brokerCase(
    "publishing once keeps the priority",
    async (stage) => {
      const [urgent, slow] = stage.fixture.mostUrgentPriority === 9 ? [9, 0] : [0, 9];
      const route = routeTo(stage.queue);
      await stage.onceOf().publish(sampleMessage("slow", { priority: slow ?? 0 }), route, "slow");
      await stage.onceOf().publish(sampleMessage("urgent", { priority: urgent ?? 0 }), route, "urgent");
      const inbox = await stage.open({ prefetch: 1 });
      const first = await inbox.next();
      assert.equal(textOfDelivery(first), "urgent");
      await first.ack();
      assert.deepEqual(await inbox.texts(1), ["slow"]);
    },
    ["once", "priorities"],
  ),

  brokerCase(
    "publishing once to a fanout reaches who listens",
    async (stage) => {
      const exchange = { name: "once-fanout", type: "fanout" as const };
      const queue = { name: "once-listener", exchange, routingKey: "" };
      const heard: string[] = [];
      let notify = (): void => undefined;
      const both = new Promise<void>((resolve) => {
        notify = resolve;
      });
      const listener = await stage.fanoutOf().listen(queue, (message) => {
        heard.push(String(message.headers.id));
        if (heard.includes("m1")) notify();
      });
      stage.keep(listener);
      const route = { exchange: exchange.name, routingKey: "", exchangeType: exchange.type };
      const once = stage.onceOf();
      for (const [text, key] of [
        ["m0", "key"],
        ["m0", "key"],
        ["m1", "other"],
      ] as const) {
        await once.publish(sampleMessage(text), route, key);
      }
      await both;
      assert.deepEqual(heard, ["m0", "m1"]);
    },
    ["once", "fanout"],
  ),

  brokerCase(
    "publishing once heeds an aborted signal",
    async (stage) => {
      const reason = new Error("not wanted any more");
      const signal = AbortSignal.abort(reason);
      const once = stage.onceOf();
      const refused = once.publish(sampleMessage("m0"), routeTo(stage.queue), "key", { signal });
      await assert.rejects(refused, (error) => error === reason);
      assert.equal(await once.publish(sampleMessage("m0"), routeTo(stage.queue), "key"), true);
    },
    ["once"],
  ),

  brokerCase(
    "publishing once fails at its deadline when there is no answer",
    async (stage) => {
      await stage.publish("warm");
      await stage.fixture.stall?.();
      const startedMs = systemClock.monotonic();
      const publish = stage.onceOf().publish(sampleMessage("m0"), routeTo(stage.queue), "key", { timeoutMs: 200 });
      await assert.rejects(publish, (error: Error & { code?: string; retryable?: boolean }) => {
        assert.ok(error.code === "PUBLISH_TIMEOUT" || error.code === "BROKER_UNAVAILABLE", error.code);
        assert.equal(error.retryable, true);
        return true;
      });
      assert.ok(systemClock.monotonic() - startedMs < stage.timing.settleMs);
    },
    ["once", "stall"],
  ),

  brokerCase(
    "publishing once on a closed broker is refused as BROKER_CLOSED",
    async (stage) => {
      const once = stage.onceOf();
      await stage.broker[Symbol.asyncDispose]();
      await assert.rejects(once.publish(sampleMessage("m0"), routeTo(stage.queue), "key"), { code: "BROKER_CLOSED" });
    },
    ["once"],
  ),
];
