import type { Broker, Queue } from "@celeriac/core/ports";
import { type BrokerFixture, brokerContract, type SkippedCase } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createVirtualHost, freeze, hasRabbit, thaw } from "../../amqp-connection/test/rabbit.js";
import { amqpBroker } from "../src/index.js";
import { shapedBroker } from "./shaped-broker.js";

async function create(shape: (queue: Queue) => Queue, mostUrgentPriority?: 9): Promise<BrokerFixture> {
  const host = await createVirtualHost();
  const opened: Broker[] = [];
  const open = (): Broker => {
    const broker = amqpBroker(host.url);
    opened.push(broker);
    return shapedBroker(broker, shape);
  };
  return {
    broker: open(),
    createPeer: open,
    stall: freeze,
    ...(mostUrgentPriority === undefined ? {} : { mostUrgentPriority }),
    cleanup: async () => {
      thaw();
      await Promise.all(opened.map((broker) => broker[Symbol.asyncDispose]()));
    },
  };
}

function run(name: string, createFixture: () => Promise<BrokerFixture>, skip: readonly SkippedCase[]): void {
  describe.skipIf(!hasRabbit)(`the broker contract on ${name}`, () => {
    for (const one of brokerContract(createFixture, { skip, settleMs: 10_000 })) {
      // Every case has a virtual host of its own; those that freeze the server must be alone with it.
      const test = one.needs.includes("stall") ? it : it.concurrent;
      test(one.name, { timeout: 45_000 }, async ({ skip }) => {
        const outcome = await one.run();
        if (outcome.status === "skipped") skip(outcome.reason);
      });
    }
  });
}

/** What RabbitMQ does by itself, and does another way. `delayed.integration.test.ts` has cases of its own for parking. */
const always: readonly SkippedCase[] = [
  {
    case: "the anonymous exchange routes to the queue named by the routing key",
    reason: "the case declares no queue, and RabbitMQ has none that nobody declared",
  },
  ...[
    "promoteDue puts back what is due and leaves the rest",
    "a promoted message is in front of the waiting ones, unchanged",
    "parked messages outlive the broker that parked them",
    "two workers promoting at once put each message back once",
  ].map((name) => ({ case: name, reason: "RabbitMQ itself brings back what is due, so there is nothing to promote" })),
];

const behind: SkippedCase = {
  case: "reject with requeue puts the message behind the waiting ones",
  reason: "RabbitMQ puts a rejected message back to its place in a classic queue, as for Python workers",
};

const inFront: SkippedCase = {
  case: "restore puts the message in front of the waiting ones",
  reason: "RabbitMQ puts what comes back behind the waiting messages of a quorum queue",
};

run("classic queues", () => create((queue) => queue), [...always, behind]);
run("queues with priorities", () => create((queue) => ({ ...queue, maxPriority: 10 }), 9), [...always, behind]);
run("quorum queues", () => create((queue) => ({ ...queue, arguments: { "x-queue-type": "quorum" } })), [
  ...always,
  inFront,
]);
