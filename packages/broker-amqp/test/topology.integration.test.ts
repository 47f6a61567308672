import type { Queue } from "@celeriac/core/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVirtualHost, ctl, hasRabbit, type VirtualHost } from "../../amqp-connection/test/rabbit.js";
import { celery, hasCelery, type Lab, messageOf, openLab, queueOf, routeTo, take } from "./amqp-lab.js";

const QUEUES: readonly Queue[] = [
  queueOf("celery"),
  queueOf("urgent", { maxPriority: 10 }),
  {
    name: "mail",
    exchange: { name: "mail", type: "topic" },
    routingKey: "mail.#",
    messageTtlMs: 60_000,
    expiresMs: 3_600_000,
  },
  { name: "copies", exchange: { name: "copies", type: "fanout" }, routingKey: "celery" },
  {
    name: "safe",
    exchange: { name: "safe", type: "topic" },
    routingKey: "safe",
    arguments: { "x-queue-type": "quorum" },
  },
];

/** What of an object is its declaration; the rest is its state. */
const DECLARED = ["name", "type", "durable", "auto_delete", "exclusive", "internal", "arguments"] as const;
const BOUND = ["source", "destination", "destination_type", "routing_key", "arguments"] as const;

async function objectsOf(host: VirtualHost): Promise<readonly string[]> {
  const pick = (names: readonly string[], object: Record<string, unknown>): string =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, object[name]])));
  const [queues, exchanges, bindings] = await Promise.all([
    host.list("queues"),
    host.list("exchanges"),
    host.list("bindings"),
  ]);
  return [
    ...queues.map((queue) => `queue ${pick(DECLARED, queue)}`),
    ...exchanges.map((exchange) => `exchange ${pick(DECLARED, exchange)}`),
    ...bindings.map((binding) => `binding ${pick(BOUND, binding)}`),
  ].sort();
}

describe.skipIf(!hasRabbit)("what is declared", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab();
  });
  afterEach(() => lab.close());

  it.skipIf(!hasCelery)("is what Celery declares, object by object, and Celery declares it over ours", async () => {
    const broker = lab.broker();
    for (const queue of QUEUES) await broker.queues.declare(queue);
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const safe: Queue = { ...queueOf("safe"), ...QUEUES[4] };
    await broker.publish(messageOf("m", { eta: inAnHour }), { exchange: "safe", routingKey: "safe", queue: safe });
    const theirs = await createVirtualHost();
    await celery("declare", theirs.url);
    expect(await objectsOf(lab.host)).toEqual(await objectsOf(theirs));
    await celery("declare", lab.host.url); // refused with 406 if anything differed
    for (const queue of QUEUES) await lab.broker({}, theirs.url).queues.declare(queue);
  });

  it("is a control queue as Celery's, which goes with its listener", async () => {
    const queue: Queue = {
      name: "w1@host.celery.pidbox",
      exchange: { name: "celery.pidbox", type: "fanout", durable: false },
      routingKey: "",
      durable: false,
      autoDelete: true,
      expiresMs: 10_000,
      messageTtlMs: 300_000,
    };
    const listening = await lab.broker().fanout?.listen(queue, () => undefined);
    expect(await lab.host.list("queues")).toMatchObject([
      {
        name: "w1@host.celery.pidbox",
        durable: false,
        auto_delete: true,
        arguments: { "x-expires": 10_000, "x-message-ttl": 300_000 },
      },
    ]);
    await listening?.[Symbol.asyncDispose]();
    expect(await lab.host.list("queues")).toEqual([]);
  });

  it("names the argument that differs from what is there, and what to do", async () => {
    const broker = lab.broker();
    await broker.queues.declare(queueOf("orders", { maxPriority: 10 }));
    const peer = lab.broker();
    const refused = peer.queues.declare(queueOf("orders"));
    await expect(refused).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: false });
    await expect(refused).rejects.toThrow(
      /declaring queue "orders": the queue "orders" exists with another x-max-priority: it has 10, this program asks for none\..*maxPriority.*rabbitmqctl/s,
    );
    await expect(peer.publish(messageOf("m"), routeTo(queueOf("orders")))).rejects.toThrow(/x-max-priority/);
    await expect(peer.consume({ queues: [queueOf("orders")], prefetch: 1 })).rejects.toThrow(/x-max-priority/);
    await peer.publish(messageOf("m"), routeTo(queueOf("other"))); // nothing else is harmed
    await broker.queues.declare(queueOf("plain"));
    const quorum = queueOf("plain", { arguments: { "x-queue-type": "quorum" } });
    await expect(peer.queues.declare(quorum)).rejects.toThrow(/task_default_queue_type/);
    const typed = { ...queueOf("orders"), exchange: { name: "orders", type: "topic" } } as const;
    await expect(peer.queues.declare(typed)).rejects.toThrow(/exchange "orders" exists with another type/);
  });

  it("is asked for more often at once than a connection has channels", async () => {
    const broker = lab.broker();
    const names = Array.from({ length: 2500 }, (_unused, index) => `q${index}`);
    const lengths = await Promise.all(names.map((name) => broker.queues.length(name, { timeoutMs: 60_000 })));
    expect(lengths.every((length) => length === 0)).toBe(true);
  }, 90_000);

  it("cannot have more consumers than channels, which is not a lost connection", async () => {
    await ctl("eval", "application:set_env(rabbit, channel_max, 10).");
    try {
      const broker = lab.broker();
      const consumes = Array.from({ length: 12 }, (_unused, index) =>
        broker.consume({ queues: [queueOf("many")], prefetch: 1 }).then(
          () => `consumer ${index}`,
          (error: unknown) => error,
        ),
      );
      const refused = (await Promise.all(consumes)).filter((outcome) => typeof outcome !== "string");
      expect(refused.length).toBeGreaterThan(0);
      for (const error of refused) {
        expect(error).toMatchObject({ code: "BROKER_REFUSED", retryable: true });
        expect(error).toHaveProperty("message", expect.stringMatching(/no channel left.*channel_max/));
      }
    } finally {
      await ctl("eval", "application:set_env(rabbit, channel_max, 2047).");
    }
  });

  it("routes by headers where the exchange asks for them", async () => {
    const broker = lab.broker();
    const bound = {
      name: "pdf",
      exchange: { name: "files", type: "headers" },
      routingKey: "",
      bindingArguments: { "x-match": "all", format: "pdf" },
    } as const;
    await broker.queues.declare(bound);
    const route = { exchange: "files", exchangeType: "headers", routingKey: "" } as const;
    await broker.publish(messageOf("a", { format: "pdf" }), route);
    await expect(broker.publish(messageOf("b", { format: "txt" }), route)).rejects.toMatchObject({
      code: "UNROUTABLE",
    });
    expect(await broker.queues.length("pdf")).toBe(1);
  });

  it("gives every broadcast queue its copy, and a sender without listeners no error", async () => {
    const broker = lab.broker();
    const copyFor = (name: string): Queue => ({
      name,
      exchange: { name: "all", type: "fanout" },
      routingKey: "",
      autoDelete: true,
    });
    const consumers = [
      await broker.consume({ queues: [copyFor("bcast.1")], prefetch: 1 }),
      await broker.consume({ queues: [copyFor("bcast.2")], prefetch: 1 }),
    ];
    const route = { exchange: "all", exchangeType: "fanout", routingKey: "" } as const;
    await broker.publish(messageOf("m"), route);
    for (const consumer of consumers) {
      for (const delivery of await take(consumer, 1)) await delivery.ack();
      await consumer[Symbol.asyncDispose]();
    }
    await broker.publish(messageOf("nobody"), route);
  });
});
