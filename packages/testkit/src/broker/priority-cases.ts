import assert from "node:assert/strict";
import { type BrokerCase, type BrokerStage, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";

/** The urgent end of the scale first: 0 on Redis, 9 on AMQP. */
function fromMostUrgent(stage: BrokerStage): readonly number[] {
  return stage.fixture.mostUrgentPriority === 9 ? [9, 6, 3, 0] : [0, 3, 6, 9];
}

export const priorityCases: readonly BrokerCase[] = [
  brokerCase(
    "serves the most urgent priority first",
    async (stage) => {
      const order = fromMostUrgent(stage);
      for (const priority of [...order].reverse()) await stage.publish(`p${priority}`, { priority });
      const inbox = await stage.open({ prefetch: 1 });
      for (const priority of order) {
        const delivery = await inbox.next();
        assert.equal(textOfDelivery(delivery), `p${priority}`);
        await delivery.ack();
      }
    },
    ["priorities"],
  ),

  brokerCase(
    "keeps the order within a priority",
    async (stage) => {
      const [urgent = 0, , , slow = 9] = fromMostUrgent(stage);
      await stage.publish("slow 1", { priority: slow });
      await stage.publish("urgent 1", { priority: urgent });
      await stage.publish("slow 2", { priority: slow });
      await stage.publish("urgent 2", { priority: urgent });
      const inbox = await stage.open();
      assert.deepEqual(await inbox.texts(4), ["urgent 1", "urgent 2", "slow 1", "slow 2"]);
    },
    ["priorities"],
  ),

  brokerCase(
    "a restored message keeps its priority",
    async (stage) => {
      const [urgent = 0, , , slow = 9] = fromMostUrgent(stage);
      await stage.publish("slow", { priority: slow });
      const inbox = await stage.open({ prefetch: 1 });
      const first = await inbox.next();
      await stage.publish("urgent", { priority: urgent });
      await first.restore();
      const second = await inbox.next();
      assert.equal(textOfDelivery(second), "urgent");
      await second.ack();
      assert.deepEqual(await inbox.texts(1), ["slow"]);
    },
    ["priorities"],
  ),

  brokerCase(
    "length and purge count every priority",
    async (stage) => {
      for (const priority of fromMostUrgent(stage)) await stage.publish(`p${priority}`, { priority });
      assert.equal(await stage.length(), 4);
      assert.equal(await stage.broker.queues.purge(stage.queue), 4);
      assert.equal(await stage.length(), 0);
    },
    ["priorities"],
  ),
];
