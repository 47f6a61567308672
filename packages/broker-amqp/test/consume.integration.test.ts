import { setTimeout as sleep } from "node:timers/promises";
import type { Broker, Consumer, Delivery } from "@celeriac/core/ports";
import { connect } from "amqplib";
import { describe, expect, it, type TestContext } from "vitest";
import { api, closeConnections, ctl, hasRabbit } from "../../amqp-connection/test/rabbit.js";
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
  take,
  takeOne,
  takeUntil,
} from "./amqp-lab.js";

const shapes = [
  ["classic", queueOf("tasks")],
  ["quorum", quorumQueueOf("tasks")],
] as const;

async function fill(broker: Broker, count: number, queue = queueOf("tasks")): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_unused, index) => `m${index}`);
  await broker.publishMany(ids.map((id) => [messageOf(id), routeTo(queue)] as const));
  return ids;
}

/** What the server has handed out and not heard of again. */
async function unacknowledged(host: string, queue = "tasks"): Promise<number> {
  const { messages_unacknowledged: count } = await api("GET", `queues/${host}/${queue}`);
  return Number(count ?? 0);
}

describe.skipIf(!hasRabbit)("consuming from RabbitMQ", () => {
  async function stage(context: Pick<TestContext, "onTestFinished">): Promise<{ lab: Lab; broker: Broker }> {
    const lab = await openOwnLab(context);
    return { lab, broker: lab.broker() };
  }

  it.concurrent.for(shapes)(
    "goes on with what it holds after a cut: nothing of a %s queue runs twice",
    async ([_shape, queue], context) => {
      const { lab, broker } = await stage(context);
      await fill(broker, 4, queue);
      const consumer = await broker.consume({ queues: [queue], prefetch: 3 });
      const held = await take(consumer, 3);
      await held[0]?.ack();
      await closeConnections(lab.host.name);
      await expect(take(consumer, 5)).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
      await consumer[Symbol.asyncDispose]();
      const onItsWay = held[1]?.ack(); // before there is a connection again
      const again = await broker.consume({ queues: [queue], prefetch: 3 });
      await onItsWay;
      const fresh = await takeOne(again);
      expect([idOf(fresh), fresh.redelivered]).toEqual(["m3", expect.any(Boolean)]);
      await fresh.ack();
      await held[2]?.ack();
      await broker[Symbol.asyncDispose](); // what was not settled would be there again
      const peer = lab.broker();
      const others = await peer.consume({ queues: [queue], prefetch: 5 });
      await peer.publish(messageOf("marker"), routeTo(queue));
      expect(await takeUntil(others, ["marker"])).toEqual(["marker"]);
    },
  );

  it.concurrent.for(shapes)(
    "leaves what it held to others who got it after a cut, on a %s queue",
    async ([_shape, queue], context) => {
      const { lab, broker } = await stage(context);
      await fill(broker, 2, queue);
      const consumer = await broker.consume({ queues: [queue], prefetch: 2 });
      const held = await take(consumer, 2);
      await closeConnections(lab.host.name);
      const others = await lab.broker().consume({ queues: [queue], prefetch: 2 });
      const redelivered = await take(others, 2);
      expect(redelivered.map((delivery) => delivery.redelivered)).toEqual([true, true]);
      await Promise.all(redelivered.map((delivery) => delivery.ack()));
      await expect(held[0]?.restore()).rejects.toMatchObject({ code: "LEASE_LOST", retryable: false });
      await expect(held[1]?.ack()).rejects.toMatchObject({ code: "LEASE_LOST", retryable: false });
    },
  );

  it.concurrent.for(shapes)(
    "says what is lost, and takes it as new when it was given up, on a %s queue",
    async ([_shape, queue], context) => {
      const { lab, broker } = await stage(context);
      await fill(broker, 2, queue);
      const consumer = await broker.consume({ queues: [queue], prefetch: 2 });
      const [running, waiting] = await take(consumer, 2);
      expect([running?.isLost, waiting?.isLost]).toEqual([false, false]);
      await closeConnections(lab.host.name);
      await expect(take(consumer, 1)).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
      expect([running?.isLost, waiting?.isLost]).toEqual([true, true]);
      await expect(waiting?.restore()).rejects.toMatchObject({ code: "LEASE_LOST" });
      const again = await broker.consume({ queues: [queue], prefetch: 2 });
      const fresh = await takeOne(again);
      expect([idOf(fresh), fresh.redelivered]).toEqual(["m1", true]);
      expect([running?.isLost, waiting?.isLost, fresh.isLost]).toEqual([false, true, false]);
      await Promise.all([running?.ack(), fresh.ack()]);
      expect(await broker.queues.length(queue.name)).toBe(0);
    },
  );

  it.concurrent("parks nothing that is lost", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 1);
    const delivery = await takeOne(await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 }));
    await closeConnections(lab.host.name);
    await eventually(async () => delivery.isLost === true);
    await expect(broker.parking?.park(delivery, Date.now() + 60_000)).rejects.toMatchObject({ code: "LEASE_LOST" });
    const peer = lab.broker();
    expect(idOf(await takeOne(await peer.consume({ queues: [queueOf("tasks")], prefetch: 1 })))).toBe("m0");
    expect(await peer.parking?.count()).toBe(0);
  });

  it.concurrent("tells where a message was published", async (context) => {
    const { broker } = await stage(context);
    const queue = queueOf("tasks", { exchange: { name: "news", type: "topic" }, routingKey: "sport.#" });
    await broker.publish(messageOf("m"), { exchange: "news", routingKey: "sport.chess", queue });
    const delivery = await takeOne(await broker.consume({ queues: [queue], prefetch: 1 }));
    expect([delivery.exchange, delivery.routingKey, delivery.queue]).toEqual(["news", "sport.chess", "tasks"]);
    await delivery.ack();
  });

  it("survives consumer_timeout, as often as it strikes, without giving the task to anybody again", async (context) => {
    const { broker } = await stage(context);
    await ctl("eval", "application:set_env(rabbit, consumer_timeout, 1000).");
    try {
      await fill(broker, 1);
      let consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
      const slow = await takeOne(consumer);
      for (let strike = 0; strike < 2; strike += 1) {
        const ended = take(consumer, 1);
        await expect(ended).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
        await expect(ended).rejects.toThrow(/consumer_timeout of 1000 ms.*Running tasks go on.*Raise consumer_timeout/);
        await consumer[Symbol.asyncDispose]();
        consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
      }
      await slow.ack();
      expect(await broker.queues.length("tasks")).toBe(0);
      await fill(broker, 1);
      expect((await takeOne(consumer)).redelivered).toBe(false);
    } finally {
      await ctl("eval", "application:unset_env(rabbit, consumer_timeout).");
    }
  });

  it.concurrent("ends when its queue is deleted, and what is held of other queues can still be settled", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 1);
    await fill(broker, 1, queueOf("other"));
    const consumer = await broker.consume({ queues: [queueOf("tasks"), queueOf("other")], prefetch: 5 });
    const held = await take(consumer, 2);
    await api("DELETE", `queues/${lab.host.name}/tasks`);
    await expect(take(consumer, 1)).rejects.toThrow(/queue "tasks".*deleted/);
    await consumer[Symbol.asyncDispose]();
    await held.find(({ queue }) => queue === "other")?.ack();
    const again = await broker.consume({ queues: [queueOf("tasks"), queueOf("other")], prefetch: 5 });
    await fill(broker, 2);
    expect(await takeUntil(again, ["m0", "m1"])).toEqual(["m0", "m1"]); // declared anew, and nothing of the other comes back
  });

  it.concurrent.for(shapes)("follows the window on a %s queue", async ([_shape, queue], context) => {
    const { broker } = await stage(context);
    await fill(broker, 40, queue);
    const seen: Delivery[] = [];
    const consumer = await broker.consume({ queues: [queue], prefetch: 2 });
    void (async () => {
      for await (const batch of consumer) seen.push(...batch);
    })();
    const settled = new Set<Delivery>();
    const held = (): number => seen.length - settled.size;
    for (const window of [5, 1, 12, 0, 3, 8, Number.POSITIVE_INFINITY, 4]) {
      await consumer.setPrefetch(window);
      for (let round = 0; round < 3; round += 1) {
        const [delivery] = seen.filter((one) => !settled.has(one));
        if (delivery === undefined) break;
        const before = held();
        settled.add(delivery);
        await delivery.ack();
        await sleep(10);
        expect(held()).toBeLessThanOrEqual(Math.max(window, before - 1));
      }
    }
    await consumer.setPrefetch(Number.POSITIVE_INFINITY);
    await eventually(async () => seen.length === 40);
    expect(new Set(seen.map(idOf)).size).toBe(40);
  });

  it.concurrent("gives back what it was pushed beyond a window that stays narrow", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 10);
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 6 });
    const held = await take(consumer, 6);
    await consumer.setPrefetch(2);
    for (const delivery of held.slice(0, 5)) await delivery.ack();
    // One is held; the server may have pushed more, but keeps them in the end for others.
    await eventually(async () => (await unacknowledged(lab.host.name)) <= 2);
    const peer = await lab.broker().consume({ queues: [queueOf("tasks")], prefetch: 10 });
    expect((await take(peer, 3)).length).toBeGreaterThanOrEqual(3);
  });

  it.concurrent("loses nothing to a delivery limit, however often the window closes before a message is seen", async (context) => {
    const { broker } = await stage(context);
    const limited = { arguments: { "x-queue-type": "quorum", "x-delivery-limit": 1 } };
    const [busy, rare] = [queueOf("busy", limited), queueOf("rare", limited)];
    const ids = await fill(broker, 10, busy);
    await broker.publish(messageOf("precious"), routeTo(rare));
    const consumer = await broker.consume({ queues: [busy, rare], prefetch: 1 });
    const seen: unknown[] = [];
    for await (const [delivery] of consumer) {
      seen.push(idOf(delivery));
      await consumer.setPrefetch(0); // as a fair worker does, whose task is acknowledged before it runs
      await delivery?.ack();
      if (seen.length === 11) break;
      await consumer.setPrefetch(1);
    }
    expect(new Set(seen)).toEqual(new Set([...ids, "precious"]));
  });

  it.concurrent("gives what it has not seen to others while its window stays closed", async (context) => {
    const { lab, broker } = await stage(context);
    const queues = [quorumQueueOf("one"), quorumQueueOf("two")];
    for (const queue of queues) await broker.publish(messageOf(queue.name), routeTo(queue));
    const consumer = await broker.consume({ queues, prefetch: 1 });
    const held = await takeOne(consumer);
    await consumer.setPrefetch(0);
    const other = await takeOne(await lab.broker().consume({ queues, prefetch: 1 }));
    expect(new Set([idOf(held), idOf(other)])).toEqual(new Set(["one", "two"]));
    expect(other.deliveryCount).toBeLessThanOrEqual(1);
  });

  it.concurrent("settles a thousand messages in few steps and leaves none behind", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 1000);
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 100 });
    const ids = await takeUntil(consumer, ["m999"]);
    expect(ids).toHaveLength(1000);
    await consumer[Symbol.asyncDispose]();
    const peer = lab.broker();
    expect(await peer.queues.length("tasks")).toBe(0);
    await eventually(async () => (await unacknowledged(lab.host.name)) === 0);
  });

  it.concurrent("keeps a disposed consumer's channel for what is held, and gives it up afterwards", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 2);
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 2 });
    const [first, second] = await take(consumer, 2);
    await consumer[Symbol.asyncDispose]();
    const channels = async (): Promise<number> =>
      (await api("GET", `vhosts/${lab.host.name}/channels`)).filter((channel: { prefetch_count?: number }) =>
        Number.isInteger(channel.prefetch_count),
      ).length;
    await first?.ack();
    await eventually(async () => (await unacknowledged(lab.host.name)) === 1);
    await second?.ack();
    await eventually(async () => (await channels()) === 1); // the one that publishes
  });

  it.concurrent("counts the deliveries of a quorum queue in a header, and rejects into its dead-letter queue", async (context) => {
    const { broker } = await stage(context);
    const graveyard = queueOf("graveyard");
    await broker.queues.declare(graveyard);
    const queue = queueOf("tasks", {
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 2,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "graveyard",
      },
    });
    await broker.publish(messageOf("poison"), routeTo(queue));
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    const counts: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      const delivery = await takeOne(consumer);
      counts.push([delivery.deliveryCount, delivery.redelivered]);
      await delivery.reject({ requeue: true });
    }
    expect(counts).toEqual([
      [0, false],
      [1, true],
      [2, true],
    ]);
    await broker.publish(messageOf("refused"), routeTo(queue));
    await (await takeOne(consumer)).reject({ requeue: false });
    await eventually(async () => (await broker.queues.length("graveyard")) === 2);
    const dead = await takeUntil(await broker.consume({ queues: [graveyard], prefetch: 2 }), ["poison", "refused"]);
    expect(dead).toEqual(["poison", "refused"]);
  });

  it.skipIf(!hasCelery).concurrent("reads what Python writes, integers beyond 32 bits included", async (context) => {
    const { lab, broker } = await stage(context);
    await broker.queues.declare(queueOf("tasks"));
    const headers = { id: "from-python", big: 5_000_000_000, small: 7, list: [1, { a: null }], text: "é" };
    await celery("publish", lab.host.url, "tasks", JSON.stringify(headers));
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
    const delivery = await takeOne(consumer);
    expect(delivery.message?.headers).toEqual(headers);
    expect(delivery.message?.properties.correlation_id).toBe("from-python");
    await delivery.ack();
  });

  it.concurrent("delivers a message whose properties cannot be read as malformed, and the next one after it", async (context) => {
    const { lab, broker } = await stage(context);
    await broker.queues.declare(queueOf("tasks"));
    const raw = await connect(lab.host.url);
    const channel = await raw.createConfirmChannel();
    // A table that nests deeper than anything anybody means.
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 80; level += 1) deep = { d: deep };
    channel.sendToQueue("tasks", Buffer.from("body"), { headers: deep });
    channel.sendToQueue("tasks", Buffer.from('"good"'), { headers: { id: "good" } });
    await channel.waitForConfirms();
    await raw.close();
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 2 });
    const [bad, good] = await take(consumer, 2);
    expect(bad?.malformed).toMatchObject({ code: "E_ENVELOPE" });
    expect(Buffer.from(bad?.raw() ?? []).toString()).toContain("body");
    expect(idOf(good)).toBe("good");
    await Promise.all([bad?.ack(), good?.ack()]);
  });

  it.concurrent("ends and goes on after a cut whatever integers are in the headers of what it holds", async (context) => {
    const { lab, broker } = await stage(context);
    await broker.publish(messageOf("m0", { retries: 2n ** 60n }), routeTo(queueOf("tasks")));
    const consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
    const held = await takeOne(consumer);
    await closeConnections(lab.host.name);
    await expect(take(consumer, 1)).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await consumer[Symbol.asyncDispose]();
    const again = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
    await held.ack();
    await fill(broker, 1);
    expect((await takeOne(again)).redelivered).toBe(false);
  });

  it.concurrent("listens again after a cut, without being asked", async (context) => {
    const { lab, broker } = await stage(context);
    const queue = {
      name: "listener",
      exchange: { name: "news", type: "fanout", durable: false },
      routingKey: "",
      durable: false,
      autoDelete: true,
    } as const;
    const heard: unknown[] = [];
    const listening = await broker.fanout?.listen(queue, (message) => heard.push(message.headers.id));
    await closeConnections(lab.host.name);
    const peer = lab.broker();
    await eventually(async () => {
      await peer.fanout?.broadcast(messageOf("news"), "news", "");
      return heard.includes("news");
    });
    await listening?.[Symbol.asyncDispose]();
  });

  it.concurrent("consumes again from whoever waits when the server comes back", async (context) => {
    const { lab, broker } = await stage(context);
    await fill(broker, 1);
    await closeConnections(lab.host.name);
    let consumer: Consumer | undefined;
    await eventually(async () => {
      consumer = await broker.consume({ queues: [queueOf("tasks")], prefetch: 1 });
      return true;
    });
    if (consumer === undefined) throw new Error("no consumer");
    expect(idOf(await takeOne(consumer))).toBe("m0");
  });
});
