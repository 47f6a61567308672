import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import type { Broker, Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { eventually } from "../eventually.js";
import { type BrokerCase, type BrokerStage, brokerCase } from "./broker-stage.js";
import { sampleMessage, textOf } from "./sample-message.js";

const EXCHANGE = "contract.control";

function listenerQueue(name: string, routingKey = "", type: "fanout" | "topic" = "fanout"): Queue {
  return { name, exchange: { name: EXCHANGE, type }, routingKey, durable: false, autoDelete: true };
}

interface Listener {
  readonly heard: (readonly [message: Message, routingKey: string])[];
  readonly stop: () => Promise<void>;
}

async function listen(stage: BrokerStage, queue: Queue, broker?: Broker): Promise<Listener> {
  const heard: (readonly [Message, string])[] = [];
  const listening = await stage.fanoutOf(broker).listen(queue, (message, key) => heard.push([message, key]));
  stage.keep(listening);
  return { heard, stop: async () => listening[Symbol.asyncDispose]() };
}

const texts = (listener: Listener): readonly string[] => listener.heard.map(([message]) => textOf(message));

async function untilHeard(stage: BrokerStage, listener: Listener, count: number): Promise<void> {
  const message = `expected ${count} broadcasts, heard ${listener.heard.length}`;
  await eventually(() => listener.heard.length >= count, stage.timing.settleMs, message);
}

const pause = (stage: BrokerStage): Promise<void> => systemClock.sleep(stage.timing.quietMs);

/** Copies to everybody who listens now. */
export const fanoutCases: readonly BrokerCase[] = [
  brokerCase(
    "a broadcast reaches every listener, on this broker and on others",
    async (stage) => {
      const peer = await stage.fixture.createPeer();
      const mine = await listen(stage, listenerQueue("mine"));
      const second = await listen(stage, listenerQueue("second"));
      const theirs = await listen(stage, listenerQueue("theirs"), peer);
      await stage.fanoutOf().broadcast(sampleMessage("hello"), EXCHANGE, "");
      for (const listener of [mine, second, theirs]) {
        await untilHeard(stage, listener, 1);
        assert.deepEqual(texts(listener), ["hello"]);
      }
    },
    ["fanout"],
  ),

  brokerCase(
    "broadcasts are heard once each, in order",
    async (stage) => {
      const listener = await listen(stage, listenerQueue("mine"));
      for (const text of ["a", "b", "c", "d"]) await stage.fanoutOf().broadcast(sampleMessage(text), EXCHANGE, "");
      await untilHeard(stage, listener, 4);
      await pause(stage);
      assert.deepEqual(texts(listener), ["a", "b", "c", "d"]);
    },
    ["fanout"],
  ),

  brokerCase(
    "a broadcast arrives whole, with its routing key",
    async (stage) => {
      const listener = await listen(stage, listenerQueue("mine", "#"));
      const message = sampleMessage("hello", { headers: { clock: 7, nested: { a: [1] } } });
      await stage.fanoutOf().broadcast(message, EXCHANGE, "worker.heartbeat");
      await untilHeard(stage, listener, 1);
      const [arrived, routingKey] = listener.heard[0] ?? assert.fail();
      assert.equal(routingKey, "worker.heartbeat");
      assert.deepEqual(Buffer.from(arrived.body), Buffer.from(message.body));
      assert.equal(arrived.headers.clock, 7);
      assert.deepEqual(arrived.headers.nested, { a: [1] });
      assert.equal(arrived.contentType, "application/json");
    },
    ["fanout"],
  ),

  brokerCase(
    "a broadcast nobody listens to is no error",
    async (stage) => {
      await stage.fanoutOf().broadcast(sampleMessage("hello"), EXCHANGE, "");
    },
    ["fanout"],
  ),

  brokerCase(
    "nothing is kept for a listener that comes later",
    async (stage) => {
      const early = await listen(stage, listenerQueue("early"));
      await stage.fanoutOf().broadcast(sampleMessage("before"), EXCHANGE, "");
      await untilHeard(stage, early, 1);
      const late = await listen(stage, listenerQueue("late"));
      await stage.fanoutOf().broadcast(sampleMessage("after"), EXCHANGE, "");
      await untilHeard(stage, late, 1);
      assert.deepEqual(texts(late), ["after"]);
    },
    ["fanout"],
  ),

  brokerCase(
    "a disposed listener hears nothing more, and the others still do",
    async (stage) => {
      const gone = await listen(stage, listenerQueue("gone"));
      const stays = await listen(stage, listenerQueue("stays"));
      await gone.stop();
      await gone.stop();
      await stage.fanoutOf().broadcast(sampleMessage("hello"), EXCHANGE, "");
      await untilHeard(stage, stays, 1);
      await pause(stage);
      assert.deepEqual(texts(gone), []);
    },
    ["fanout"],
  ),

  brokerCase(
    "a binding key with * or # hears what matches it",
    async (stage) => {
      const all = await listen(stage, listenerQueue("all", "#", "topic"));
      const workers = await listen(stage, listenerQueue("workers", "worker.*", "topic"));
      const tasks = await listen(stage, listenerQueue("tasks", "task.#", "topic"));
      for (const key of ["worker.online", "task.sent", "worker.heartbeat"]) {
        await stage.fanoutOf().broadcast(sampleMessage(key), EXCHANGE, key);
      }
      await untilHeard(stage, all, 3);
      await untilHeard(stage, workers, 2);
      await untilHeard(stage, tasks, 1);
      await pause(stage);
      assert.deepEqual(texts(workers), ["worker.online", "worker.heartbeat"]);
      assert.deepEqual(texts(tasks), ["task.sent"]);
      assert.equal(all.heard.length, 3);
    },
    ["fanout"],
  ),

  brokerCase(
    "a listener that throws goes on hearing, and hurts nobody else",
    async (stage) => {
      const fault = new Error("thrown by a listener");
      const uncaught: unknown[] = [];
      const onUncaught = (error: unknown): void => void uncaught.push(error);
      process.on("uncaughtExceptionMonitor", onUncaught);
      try {
        let count = 0;
        const throwing = await stage.fanoutOf().listen(listenerQueue("throwing"), () => {
          count += 1;
          throw fault;
        });
        stage.keep(throwing);
        const other = await listen(stage, listenerQueue("other"));
        for (const text of ["a", "b"]) await stage.fanoutOf().broadcast(sampleMessage(text), EXCHANGE, "");
        await untilHeard(stage, other, 2);
        await eventually(() => count >= 2, stage.timing.settleMs, `expected 2 broadcasts, heard ${count}`);
        await pause(stage);
        assert.deepEqual([count, texts(other)], [2, ["a", "b"]]);
        assert.ok(!uncaught.includes(fault), "what a listener throws must not become an uncaught exception");
      } finally {
        process.off("uncaughtExceptionMonitor", onUncaught);
      }
    },
    ["fanout"],
  ),

  brokerCase(
    "exchanges do not hear each other",
    async (stage) => {
      const listener = await listen(stage, listenerQueue("mine"));
      await stage.fanoutOf().broadcast(sampleMessage("other"), `${EXCHANGE}.other`, "");
      await stage.fanoutOf().broadcast(sampleMessage("mine"), EXCHANGE, "");
      await untilHeard(stage, listener, 1);
      await pause(stage);
      assert.deepEqual(texts(listener), ["mine"]);
    },
    ["fanout"],
  ),

  brokerCase(
    "fanout on a closed broker is refused as BROKER_CLOSED",
    async (stage) => {
      const fanout = stage.fanoutOf();
      const listener = await listen(stage, listenerQueue("mine"));
      await stage.broker[Symbol.asyncDispose]();
      const closed = { code: "BROKER_CLOSED" };
      await assert.rejects(fanout.broadcast(sampleMessage("a"), EXCHANGE, ""), closed);
      await assert.rejects(
        fanout.listen(listenerQueue("late"), () => undefined),
        closed,
      );
      await listener.stop();
    },
    ["fanout"],
  ),
];
