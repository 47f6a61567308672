import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "@celeriac/core/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { api, closeConnections, ctl, freeze, hasRabbit, thaw } from "../../amqp-connection/test/rabbit.js";
import {
  celery,
  eventually,
  hasCelery,
  type Lab,
  messageOf,
  openLab,
  queueOf,
  routeTo,
  takeUntil,
} from "./amqp-lab.js";

describe.skipIf(!hasRabbit)("publishing to RabbitMQ", () => {
  let lab: Lab;
  let broker: Broker;
  beforeEach(async () => {
    lab = await openLab();
    broker = lab.broker();
  });
  afterEach(() => lab.close());

  it("names exchange and routing key of a message that no queue takes", async () => {
    await broker.queues.declare(queueOf("sorting"));
    const astray = broker.publish(messageOf("m"), { exchange: "sorting", routingKey: "nowhere" });
    await expect(astray).rejects.toThrow(/exchange "sorting" for routing key "nowhere"/);
    const missing = broker.publish(messageOf("m"), { exchange: "", routingKey: "no.such.queue" });
    await expect(missing).rejects.toThrow(/no queue "no.such.queue"/);
    await expect(missing).rejects.toMatchObject({ code: "UNROUTABLE", retryable: false });
  });

  it("tells a returned message from its neighbours", async () => {
    const queue = queueOf("there");
    const results = await broker.publishMany(
      Array.from({ length: 60 }, (_unused, index) => {
        const route = index % 3 === 1 ? { exchange: "there", routingKey: "astray" } : routeTo(queue);
        return [messageOf(`m${index}`), route] as const;
      }),
    );
    const failed = results.flatMap(({ status }, index) => (status === "rejected" ? [index % 3] : []));
    expect(failed).toEqual(Array(20).fill(1));
    expect(await broker.queues.length("there")).toBe(40);
  });

  it("declares a queue again that somebody has deleted", async () => {
    const queue = queueOf("volatile");
    await broker.publish(messageOf("m0"), routeTo(queue));
    await api("DELETE", `queues/${lab.host.name}/volatile`);
    await broker.publish(messageOf("m1"), routeTo(queue));
    expect(await broker.queues.length("volatile")).toBe(1);
  });

  it("finds an exchange gone that it has used before", async () => {
    const route = { exchange: "volatile", routingKey: "volatile" };
    await broker.queues.declare(queueOf("volatile"));
    await broker.publish(messageOf("m0"), route);
    await api("DELETE", `exchanges/${lab.host.name}/volatile`);
    await expect(broker.publish(messageOf("m1"), route)).rejects.toMatchObject({ code: "UNROUTABLE" });
    await broker.publish(messageOf("m2"), routeTo(queueOf("other")));
  });

  it("says how large a message may be, and does not lose its neighbours", async () => {
    await ctl("eval", "application:set_env(rabbit, max_message_size, 100000).");
    try {
      const queue = queueOf("big");
      await broker.queues.declare(queue);
      const large = { ...messageOf("large"), body: new Uint8Array(200_000) };
      const results = await broker.publishMany([
        [messageOf("before"), routeTo(queue)],
        [large, routeTo(queue)],
        [messageOf("behind"), routeTo(queue)],
        [messageOf("further behind"), routeTo(queue)],
      ]);
      const [first, refused, ...others] = results;
      expect(refused).toMatchObject({ reason: { code: "BROKER_REFUSED", retryable: false } });
      expect(refused).toHaveProperty("reason.message", expect.stringMatching(/200000 bytes.*takes 100000 at most/));
      expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      const isConfirmed = first?.status === "fulfilled";
      if (!isConfirmed) expect(first).toMatchObject({ reason: { code: "PUBLISH_UNCONFIRMED" } });
      expect(await broker.queues.length("big")).toBe(3);
    } finally {
      await ctl("eval", "application:set_env(rabbit, max_message_size, 134217728).");
    }
  });

  it("stores good messages that are behind any number of bad ones", async () => {
    await ctl("eval", "application:set_env(rabbit, max_message_size, 100000).");
    try {
      const queue = queueOf("mixed");
      await broker.publish(messageOf("first"), routeTo(queue));
      const bad = Array.from({ length: 7 }, (_unused, index) => ({
        ...messageOf(`large ${index}`),
        body: new Uint8Array(200_000 + index),
      }));
      const results = await broker.publishMany(
        [...bad, messageOf("good"), messageOf("good too")].map((message) => [message, routeTo(queue)]),
      );
      const codes = results.map((result) => (result.status === "fulfilled" ? "stored" : result.reason.code));
      expect(codes).toEqual([...bad.map(() => "BROKER_REFUSED"), "stored", "stored"]);
      expect(await broker.queues.length("mixed")).toBe(3);
    } finally {
      await ctl("eval", "application:set_env(rabbit, max_message_size, 134217728).");
    }
  });

  it("reports a queue that is full, and takes messages again when it is not", async () => {
    const queue = queueOf("full", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
    await broker.publish(messageOf("m0"), routeTo(queue));
    const refused = broker.publish(messageOf("m1"), routeTo(queue));
    await expect(refused).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: true });
    await expect(refused).rejects.toThrow(/queue "full".*full/);
    await broker.queues.purge("full");
    await broker.publish(messageOf("m2"), routeTo(queue));
  });

  it.each([
    [
      "memory",
      'vm_memory_monitor:set_vm_memory_high_watermark({absolute, "1MB"}).',
      "vm_memory_monitor:set_vm_memory_high_watermark(0.4).",
    ],
    [
      "disk",
      'rabbit_disk_monitor:set_disk_free_limit("900000GB").',
      'rabbit_disk_monitor:set_disk_free_limit("50MB").',
    ],
  ])("waits while the server is short of %s, says so in time, and goes on afterwards", async (_what, alarm, calm) => {
    const warnings: string[] = [];
    const careful = lab.broker({ onWarning: (message) => warnings.push(message) });
    const queue = queueOf("blocked");
    await careful.publish(messageOf("m0"), routeTo(queue));
    await ctl("eval", alarm);
    try {
      // The server says that it blocks when it is sent something; what was sent until then is in doubt.
      await expect(careful.publish(messageOf("m1"), routeTo(queue), { timeoutMs: 500 })).rejects.toMatchObject({
        code: expect.stringMatching(/PUBLISH_TIMEOUT|BROKER_REFUSED/),
      });
      await eventually(async () => warnings.length > 0);
      const refused = careful.publish(messageOf("m2"), routeTo(queue), { timeoutMs: 300 });
      await expect(refused).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: true });
      await expect(refused).rejects.toThrow(/takes no messages for now \(low on/);
      const waiting = careful.publish(messageOf("m3"), routeTo(queue));
      const [waits] = await Promise.all([careful.queues.length("blocked"), sleep(50)]);
      expect(waits).toBe(1); // the other connection is not blocked
      await ctl("eval", calm);
      await waiting;
    } finally {
      await ctl("eval", calm);
    }
    const consumer = await careful.consume({ queues: [queue], prefetch: 10 });
    expect(await takeUntil(consumer, ["m3"])).not.toContain("m2");
  });

  it("keeps its deadline when the server freezes, and leaves open whether the message is stored", async () => {
    const queue = queueOf("frozen");
    await broker.publish(messageOf("m0"), routeTo(queue));
    await freeze();
    try {
      const late = broker.publish(messageOf("m1"), routeTo(queue), { timeoutMs: 200 });
      await expect(late).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT", retryable: true });
      const abort = new AbortController();
      const abandoned = broker.publish(messageOf("m2"), routeTo(queue), { signal: abort.signal });
      abort.abort(new Error("enough"));
      await expect(abandoned).rejects.toThrow("enough");
    } finally {
      thaw();
    }
    await eventually(async () => (await broker.queues.length("frozen")) === 3);
  });

  it("can be closed while the server is frozen", async () => {
    const queue = queueOf("frozen");
    await broker.publish(messageOf("m0"), routeTo(queue));
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    await takeUntil(consumer, ["m0"]);
    await freeze();
    try {
      const startedAt = performance.now();
      await broker[Symbol.asyncDispose]();
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    } finally {
      thaw();
    }
  });

  it("sends what was published before it is closed, and refuses what comes after that", async () => {
    const queue = queueOf("last");
    await broker.publish(messageOf("m0"), routeTo(queue));
    const last = broker.publish(messageOf("m1"), routeTo(queue));
    const closed = broker[Symbol.asyncDispose]();
    const late: Promise<unknown>[] = [];
    const isClosed = closed.then(() => true);
    while (!(await Promise.race([isClosed, new Promise((resolve) => setImmediate(resolve, false))]))) {
      late.push(broker.publish(messageOf("m2"), routeTo(queue)).catch((error: unknown) => error));
    }
    await last;
    expect(late.length).toBeGreaterThan(0);
    for (const error of await Promise.all(late)) expect(error).toMatchObject({ code: "BROKER_CLOSED" });
    await expect(broker.consume({ queues: [queue], prefetch: 1 })).rejects.toMatchObject({ code: "BROKER_CLOSED" });
    expect(await lab.broker().queues.length("last")).toBe(2);
  });

  it("publishes over a new connection when the old one is cut, with nothing lost that it confirmed", async () => {
    const queue = queueOf("cut");
    await broker.publish(messageOf("first"), routeTo(queue));
    const confirmed = new Set<string>(["first"]);
    let isOver = false;
    const publishing = (async () => {
      for (let index = 0; !isOver; index += 1) {
        const batch = Array.from({ length: 20 }, (_unused, offset) => `m${index}.${offset}`);
        const results = await broker.publishMany(batch.map((id) => [messageOf(id), routeTo(queue)] as const));
        for (const [offset, result] of results.entries()) {
          const id = batch[offset] ?? "";
          if (result.status === "fulfilled") confirmed.add(id);
          else expect(result.reason).toMatchObject({ retryable: true });
        }
      }
    })();
    for (let cut = 0; cut < 3; cut += 1) {
      await sleep(150);
      await closeConnections(lab.host.name);
    }
    await sleep(100);
    isOver = true;
    await publishing;
    const consumer = await lab.broker().consume({ queues: [queue], prefetch: Number.POSITIVE_INFINITY });
    await takeUntil(consumer, confirmed);
    expect(confirmed.size).toBeGreaterThan(100);
  });

  it.each([
    ["a routing key", messageOf("m"), { exchange: "", routingKey: "k".repeat(256) }, /routing key is 256 bytes/],
    ["a header", messageOf("m", { stamp: Symbol("s") }), { exchange: "", routingKey: "q" }, /"stamp" is a symbol/],
    ["headers", messageOf("m", { big: "x".repeat(70_000) }), { exchange: "", routingKey: "q" }, /no form in AMQP/],
    [
      "a property",
      { ...messageOf("m"), properties: { correlation_id: "i".repeat(300) } },
      { exchange: "", routingKey: "q" },
      /correlationId is 300 bytes/,
    ],
  ])("refuses %s that AMQP cannot carry before anything is sent", async (_what, message, route, text) => {
    await broker.queues.declare(queueOf("q"));
    const refused = broker.publish(message, route);
    await expect(refused).rejects.toMatchObject({ code: "ENCODE_FAILED", retryable: false });
    await expect(refused).rejects.toThrow(text);
    await broker.publish(messageOf("fine"), { exchange: "", routingKey: "q" });
  });

  it.skipIf(!hasCelery)("writes messages that kombu reads, with the properties that Celery writes", async () => {
    const queue = queueOf("to.python");
    await broker.publish(messageOf("m", { retries: 0, eta: null, timelimit: [null, null], big: 5e9 }), routeTo(queue));
    expect(await celery("read", lab.host.url, "to.python")).toEqual([
      {
        headers: { lang: "js", task: "lab.noop", id: "m", retries: 0, eta: null, timelimit: [null, null], big: 5e9 },
        properties: expect.objectContaining({
          correlation_id: "m",
          reply_to: "",
          delivery_mode: 2,
          priority: 0,
          content_type: "application/json",
          content_encoding: "utf-8",
        }),
        body: expect.stringContaining("callbacks"),
      },
    ]);
  });
});
