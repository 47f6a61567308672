import type { Broker } from "@celeriac/core/ports";
import { describe, expect, it, type TestContext } from "vitest";
import { api, hasRabbit, serverPort, urlOf } from "../../amqp-connection/test/rabbit.js";
import {
  celery,
  eventually,
  hasCelery,
  idOf,
  type Lab,
  messageOf,
  openOwnLab,
  queueOf,
  quorumQueueOf,
  routeTo,
  takeOne,
} from "./amqp-lab.js";

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

describe.skipIf(!hasRabbit)("messages that wait in RabbitMQ", () => {
  async function stage(context: Pick<TestContext, "onTestFinished">): Promise<{ lab: Lab; broker: Broker }> {
    const lab = await openOwnLab(context);
    return { lab, broker: lab.broker({ delayedDelivery: "always" }) };
  }

  /** Declaring the queues takes a moment, which would be part of a short delay. */
  async function declareLevels(broker: Broker): Promise<void> {
    await broker.publish(messageOf("far", { eta: inSeconds(3600) }), routeTo(queueOf("far")));
  }

  const shapes = [
    ["a classic queue on a direct exchange", queueOf("later")],
    ["a quorum queue on a direct exchange", quorumQueueOf("later")],
    [
      "a queue on a topic exchange",
      { name: "later", exchange: { name: "topics", type: "topic" }, routingKey: "later" },
    ],
  ] as const;

  it.concurrent.for(shapes)(
    "reach %s when they are due, less than a second early, never with another's",
    async ([_shape, queue], context) => {
      const { broker } = await stage(context);
      const consumer = await broker.consume({ queues: [queue, queueOf("other.later")], prefetch: 5 });
      const { name: exchange, type } = queue.exchange;
      const route = type === "topic" ? { exchange, exchangeType: type, routingKey: "later", queue } : routeTo(queue);
      await declareLevels(broker);
      await broker.publish(messageOf("far", { eta: inSeconds(3600) }), route); // binds the queue
      const dueMs = Date.now() + 2900;
      const message = messageOf("m", { eta: new Date(dueMs).toISOString() });
      await broker.publish(message, route);
      const delivery = await takeOne(consumer);
      const earlyMs = dueMs - Date.now();
      expect(earlyMs).toBeLessThan(1000);
      expect(earlyMs).toBeGreaterThan(-5000);
      expect(delivery.message?.headers).toHaveProperty("x-death"); // it has waited in a level
      expect(delivery.queue).toBe("later");
      expect(delivery.message?.headers.eta).toBe(message.headers.eta);
      await delivery.ack();
    },
  );

  it.concurrent("go to quorum queues only by default, and nowhere when it is turned off", async (context) => {
    const { lab } = await stage(context);
    const auto = lab.broker();
    const never = lab.broker({ delayedDelivery: "never" });
    const later = messageOf("m", { eta: inSeconds(60) });
    await auto.publish(later, routeTo(queueOf("plain")));
    await never.publish(later, routeTo(quorumQueueOf("safe")));
    await auto.publish(later, routeTo(quorumQueueOf("safe")));
    await auto.publish(later, { exchange: "", routingKey: "safe" }); // a retry knows the name only
    expect(await auto.queues.length("plain")).toBe(1);
    expect(await auto.queues.length("safe")).toBe(1);
    expect(await auto.parking?.count()).toBe(2);
  });

  it.concurrent("are not dropped as running in circles, however often they are retried", async (context) => {
    const { broker } = await stage(context);
    const queue = quorumQueueOf("retried");
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    await declareLevels(broker);
    await broker.publish(messageOf("m", { eta: inSeconds(2.9), retries: 0 }), routeTo(queue));
    for (let retries = 1; retries <= 3; retries += 1) {
      const delivery = await takeOne(consumer);
      expect(delivery.message?.headers).toHaveProperty("x-death");
      const headers = { ...delivery.message?.headers, eta: inSeconds(2.9), retries };
      await broker.publish({ ...messageOf("m"), headers }, { exchange: "", routingKey: "retried" });
      await delivery.ack();
    }
    expect((await takeOne(consumer)).message?.headers.retries).toBe(3);
  });

  it.concurrent("can be parked after they were taken, outlive their broker and come back unchanged", async (context) => {
    const { lab, broker } = await stage(context);
    await declareLevels(broker);
    const first = lab.broker();
    await first.publish(messageOf("m", { eta: "2037-05-17T08:30:15.123456+00:00" }), routeTo(queueOf("parked")));
    const consumer = await first.consume({ queues: [queueOf("parked")], prefetch: 1 });
    const parked = await takeOne(consumer);
    await first.parking?.park(parked, Date.now() + 2900);
    expect(await first.parking?.count()).toBe(2);
    expect(await first.parking?.promoteDue()).toBe(0);
    await first[Symbol.asyncDispose]();
    const second = await broker.consume({ queues: [queueOf("parked")], prefetch: 1 });
    const back = await takeOne(second);
    expect([idOf(back), back.message?.headers.eta]).toEqual(["m", "2037-05-17T08:30:15.123456+00:00"]);
    await broker.parking?.park(back, Date.now() - 1000); // due: behind the waiting ones
    expect(await broker.parking?.count()).toBe(1);
    await (await takeOne(second)).ack();
  });

  it.concurrent("of a queue that does not exist are refused", async (context) => {
    const { broker } = await stage(context);
    const astray = broker.publish(messageOf("m", { eta: inSeconds(60) }), { exchange: "", routingKey: "missing" });
    await expect(astray).rejects.toMatchObject({ code: "UNROUTABLE" });
  });

  it.concurrent("have queues of their own behind a prefix", async (context) => {
    const { lab, broker } = await stage(context);
    const prefixed = lab.broker({
      delayedDelivery: "always",
      delayedDeliveryPrefix: "shop",
      delayedDeliveryQueueType: "classic",
    });
    await prefixed.publish(messageOf("m", { eta: inSeconds(60) }), routeTo(queueOf("q")));
    const names = (await lab.host.list("queues")).map(({ name }) => name);
    expect(names).toContain("shop_celery_delayed_27");
    expect(names).toHaveLength(29);
    expect(await prefixed.parking?.count()).toBe(1);
    expect(await broker.parking?.count()).toBe(0);
  });

  it.skipIf(!hasCelery).concurrent("come from Celery to a queue that only we consume", async (context) => {
    const { lab } = await stage(context);
    const safe = { name: "safe", exchange: { name: "safe", type: "topic" }, routingKey: "safe" } as const;
    const queue = { ...safe, arguments: { "x-queue-type": "quorum" } };
    const consumer = await lab.broker().consume({ queues: [queue], prefetch: 1 });
    await celery("delayed", lab.host.url, "1");
    expect(idOf(await takeOne(consumer))).toBe("delayed-by-python");
  });

  it.concurrent("do not keep a worker from consuming that may not prepare for them, and it warns once", async (context) => {
    const { lab } = await stage(context);
    const safe = { name: "safe", exchange: { name: "safe", type: "topic" }, routingKey: "safe" } as const;
    const queue = { ...safe, arguments: { "x-queue-type": "quorum" } };
    const user = `jobs.${lab.host.name}`;
    await api("PUT", `users/${user}`, { password: "secret", tags: "" });
    const mine = { configure: "^safe$", write: "^(safe|amq.default)?$", read: "^safe$" };
    await api("PUT", `permissions/${lab.host.name}/${user}`, mine);
    const warnings: string[] = [];
    const onWarning = (message: string): unknown => warnings.push(message);
    const worker = lab.broker({ onWarning }, urlOf(lab.host.name, serverPort(), `${user}:secret`));
    const consumer = await worker.consume({ queues: [queue], prefetch: 1 });
    await worker.consume({ queues: [queue], prefetch: 1 });
    await worker.publish(messageOf("now"), { exchange: "safe", exchangeType: "topic", routingKey: "safe", queue });
    expect(warnings).toEqual([expect.stringMatching(/others delay may not reach.*celery_delayed_27.*permission/)]);
    await consumer[Symbol.asyncDispose]();
  });

  it.concurrent("reach a consumer through levels of another type than its own, of which it warns", async (context) => {
    const { lab } = await stage(context);
    const sender = lab.broker({ delayedDelivery: "always", delayedDeliveryQueueType: "classic" });
    await declareLevels(sender);
    const safe = { name: "safe", exchange: { name: "safe", type: "topic" }, routingKey: "safe" } as const;
    const queue = { ...safe, arguments: { "x-queue-type": "quorum" } };
    const warnings: string[] = [];
    const worker = lab.broker({ onWarning: (message) => warnings.push(message) });
    await worker.consume({ queues: [queue], prefetch: 1 });
    expect(warnings).toEqual([
      expect.stringMatching(/another x-queue-type.*broker_native_delayed_delivery_queue_type/),
    ]);
    const bindings = await lab.host.list("bindings");
    expect(bindings).toContainEqual(
      expect.objectContaining({ source: "celery_delayed_delivery", destination: "safe", routing_key: "#.safe" }),
    );
  });

  it.concurrent("reach a classic queue whose consumer finds the queues of delayed delivery there", async (context) => {
    const { lab, broker } = await stage(context);
    await declareLevels(broker);
    const queue = { name: "any", exchange: { name: "any", type: "topic" }, routingKey: "any" } as const;
    await lab.broker().consume({ queues: [queue], prefetch: 1 });
    const bindings = await lab.host.list("bindings");
    expect(bindings).toContainEqual(
      expect.objectContaining({ source: "celery_delayed_delivery", destination: "any", routing_key: "#.any" }),
    );
  });

  it.skipIf(!hasCelery).concurrent("come from Celery through the queues that we declared", async (context) => {
    const { lab, broker } = await stage(context);
    const safe = { name: "safe", exchange: { name: "safe", type: "topic" }, routingKey: "safe" } as const;
    const queue = { ...safe, arguments: { "x-queue-type": "quorum" } };
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    const route = { exchange: "safe", exchangeType: "topic", routingKey: "safe", queue } as const;
    await broker.publish(messageOf("ours", { eta: inSeconds(1.5) }), route);
    expect(idOf(await takeOne(consumer))).toBe("ours");
    await consumer.setPrefetch(2);
    await celery("delayed", lab.host.url, "3");
    await eventually(async () => (await broker.parking?.count()) === 1);
    expect(idOf(await takeOne(consumer))).toBe("delayed-by-python");
  });
});
