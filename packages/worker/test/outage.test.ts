import type { Broker, Consumer } from "@celeriac/core";
import { BackendError, BrokerError, createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "./support/fake-clock.js";
import { createStage } from "./support/stage.js";
import { wrapBackend } from "./support/wrap-backend.js";
import { wrapBroker } from "./support/wrap-broker.js";

const unavailable = (): BrokerError => new BrokerError("cut", { code: "BROKER_UNAVAILABLE", retryable: true });

/** A broker whose connection can be cut and comes back when told to. */
function cuttable(broker: Broker): { broker: Broker; cut(): void; restore(): void; tries: () => number } {
  let isAway = false;
  let tries = 0;
  let loss = createDeferred<never>();
  loss.promise.catch(() => undefined);
  const guard = (): void => {
    if (isAway) throw unavailable();
  };
  const onConsumer = (consumer: Consumer): Consumer => ({
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      const iterator = consumer[Symbol.asyncIterator]();
      for (;;) {
        const next = await Promise.race([iterator.next(), loss.promise]);
        if (next.done === true) return;
        yield next.value;
      }
    },
  });
  const overrides: Partial<Broker> = {
    async publish(message, route, options) {
      guard();
      await broker.publish(message, route, options);
    },
    async consume(subscription, options) {
      tries += 1;
      guard();
      return onConsumer(await broker.consume(subscription, options));
    },
  };
  return {
    broker: wrapBroker(broker, { overrides }),
    cut() {
      isAway = true;
      loss.reject(unavailable());
      loss = createDeferred<never>();
      loss.promise.catch(() => undefined);
    },
    restore() {
      isAway = false;
    },
    tries: () => tries,
  };
}

describe("the broker is away", () => {
  it("the worker reconnects until it is back, and says each once", async () => {
    const clock = new FakeClock();
    let line: ReturnType<typeof cuttable> | undefined;
    const { app, work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) => {
        line = cuttable(broker);
        return line.broker;
      },
    });
    const task = app.task("t", () => "done");
    await work();
    line?.cut();
    await clock.advance(60_000);
    expect(line?.tries()).toBeGreaterThan(10);
    expect([log.count("lost the broker"), log.count("consuming again")]).toEqual([1, 0]);
    line?.restore();
    const sent = await task.delay();
    await clock.advance(5000); // G13: within 5 s of its return
    await expect(sent.state()).resolves.toBe("SUCCESS");
    expect([log.count("lost the broker"), log.count("consuming again")]).toEqual([1, 1]);
  });

  it("G13: a hundred cuts do not slow the reconnecting down", async () => {
    const clock = new FakeClock();
    let line: ReturnType<typeof cuttable> | undefined;
    const { work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) => {
        line = cuttable(broker);
        return line.broker;
      },
    });
    await work();
    for (let cuts = 1; cuts <= 100; cuts += 1) {
      line?.cut();
      line?.restore();
      await clock.advance(250);
      expect(log.count("consuming again")).toBe(cuts);
    }
  });

  it("a worker that starts without one is started, and works when it comes", async () => {
    const clock = new FakeClock();
    let line: ReturnType<typeof cuttable> | undefined;
    const { app, work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) => {
        line = cuttable(broker);
        line.cut();
        return line.broker;
      },
    });
    const task = app.task("t", () => "done");
    await work();
    expect([log.count("the broker is away"), log.count("lost the broker")]).toEqual([1, 0]);
    line?.restore();
    const sent = await task.delay();
    await clock.advance(5000);
    await expect(sent.state()).resolves.toBe("SUCCESS");
    expect(log.count("the broker is there; consuming")).toBe(1);
  });

  it("a worker waits for its first connection only briefly before it says that the broker is away", async () => {
    const limits: (number | undefined)[] = [];
    const clock = new FakeClock();
    const { work } = createStage({
      config: { clock },
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          overrides: {
            consume: async (_subscription, options) => {
              limits.push(options?.timeoutMs);
              throw unavailable();
            },
          },
        }),
    });
    await work();
    await clock.advance(5000);
    expect(limits.slice(0, 2)).toEqual([2000, undefined]);
  });

  it("a consumer that ends by itself is a loss, not a reason to spin", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const { work } = createStage({
      config: { clock },
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onConsumer: (consumer) => {
            tries += 1;
            return {
              ...consumer,
              setPrefetch: async () => undefined,
              async *[Symbol.asyncIterator]() {},
              [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
            };
          },
        }),
    });
    await work();
    await clock.advance(1000);
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(60);
  });
});

describe("G24: the result backend is away", () => {
  it("the result is stored when it is back, and not acked before", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const order: string[] = [];
    const { app, work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            order.push("ack");
            await ack();
          },
        }),
      wrapBackend: (memory) =>
        wrapBackend(memory, async (record, backend) => {
          if (clock.now() - start < 2000) {
            throw new BackendError("away", { code: "BACKEND_UNAVAILABLE", retryable: true });
          }
          order.push("store");
          await backend.store(record);
        }),
    });
    const task = app.task("t", { acksLate: true }, () => "done");
    await work();
    const all = await Promise.all(Array.from({ length: 20 }, () => task.delay()));
    await clock.advance(1900);
    expect(order).toEqual([]);
    await clock.advance(5000);
    expect(await Promise.all(all.map((sent) => sent.state()))).toEqual(all.map(() => "SUCCESS"));
    expect(order.filter((step) => step === "ack")).toHaveLength(20);
    expect(order[0]).toBe("store");
    expect(log.count("outcomes wait for it")).toBe(1);
  });

  it("a store that refuses a result for good fails the task instead of running it for ever", async () => {
    const { app, work, store, broker } = createStage({
      wrapBackend: (memory) =>
        wrapBackend(memory, async (record, backend) => {
          if (record.status === "SUCCESS") throw new BackendError("too large", { code: "BACKEND_REFUSED" });
          await backend.store(record);
        }),
    });
    const body = vi.fn(() => "x".repeat(100));
    const task = app.task("t", { acksLate: true }, body);
    await work();
    await expect(task.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "BackendError" });
    await vi.waitFor(() => expect(store.length("celery")).toBe(0));
    expect(body).toHaveBeenCalledTimes(1);
    expect(await broker.deadLetters.count()).toBe(1);
  });
});

describe("sending while the broker is away", () => {
  it("G1: delay() rejects with a typed error within the deadline", async () => {
    const clock = new FakeClock();
    const { app } = createStage({
      config: { clock, publishTimeout: 10 },
      wrapBroker: (broker) => wrapBroker(broker, { overrides: { publish: async () => Promise.reject(unavailable()) } }),
    });
    const sending = app.send("t").then(
      () => "sent",
      (error: unknown) => (error instanceof BrokerError ? error.code : error),
    );
    await clock.advance(10_000);
    await expect(sending).resolves.toBe("BROKER_UNAVAILABLE");
  });

  it("a send that nobody awaits is logged, not thrown at the process", async () => {
    const { app, log } = createStage({
      config: { taskPublishRetry: false },
      wrapBroker: (broker) => wrapBroker(broker, { overrides: { publish: async () => Promise.reject(unavailable()) } }),
    });
    const sent = app.send("t");
    await settle();
    expect(log.count("nobody awaited")).toBe(1);
    await expect(sent.get({ timeout: 1 })).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    await expect(app.send("t")).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    expect(log.count("nobody awaited")).toBe(1);
  });
});
