import { BrokerError, createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { settle } from "./support/fake-clock.js";
import { createStage } from "./support/stage.js";
import { wrapBackend } from "./support/wrap-backend.js";
import { wrapBroker } from "./support/wrap-broker.js";

const away = (): BrokerError => new BrokerError("away", { code: "BROKER_UNAVAILABLE", retryable: true });

describe("G3: the early ack is confirmed before the body starts", () => {
  it("does not start the body while the ack is on its way", async () => {
    const gate = createDeferred<void>();
    const acking = createDeferred<void>();
    const { app, work } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            acking.resolve();
            await gate.promise;
            await ack();
          },
        }),
    });
    const body = vi.fn(() => "done");
    const task = app.task("t", body);
    await work();
    const sent = await task.delay();
    await acking.promise;
    await settle();
    expect(body).not.toHaveBeenCalled();
    gate.resolve();
    await expect(sent.get({ timeout: "5s" })).resolves.toBe("done");
    expect(body).toHaveBeenCalledTimes(1);
  });

  it("does not start the body when the ack is refused, and gives the message back", async () => {
    let refuse = true;
    const { app, work, log } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            if (refuse) throw new BrokerError("no", { code: "BROKER_REFUSED" });
            await ack();
          },
        }),
    });
    const body = vi.fn(() => "done");
    const task = app.task("t", body);
    const worker = await work();
    const sent = await task.delay();
    await vi.waitFor(() => expect(log.count("ack was not confirmed")).toBeGreaterThan(0));
    expect(body).not.toHaveBeenCalled();
    refuse = false;
    await expect(sent.get({ timeout: "5s" })).resolves.toBe("done");
    expect(body).toHaveBeenCalledTimes(1);
    await worker.stop();
  });

  it("starts the body when only the answer to the ack was lost, and the broker can tell", async () => {
    let answers = 0;
    const { app, work } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            answers += 1;
            if (answers > 1) return; // it knows that the first one got through
            await ack();
            throw away();
          },
        }),
    });
    const task = app.task("t", () => "done");
    await work();
    await expect(task.delay().get({ timeout: "5s" })).resolves.toBe("done");
    expect(answers).toBe(2);
  });

  it("does not start the body when the answer to the ack was lost, and then the claim is gone: who took it?", async () => {
    const refused = createDeferred<void>();
    let answers = 0;
    const { app, work, log } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            answers += 1;
            if (answers > 1) refused.resolve();
            await ack(); // the second one finds no claim
            throw away();
          },
        }),
    });
    const body = vi.fn(() => "done");
    const task = app.task("t", body);
    await work();
    await task.delay();
    await refused.promise;
    await vi.waitFor(() => expect(log.count("ack was not confirmed")).toBe(1));
    await settle();
    expect(body).not.toHaveBeenCalled();
  });

  it("does not start the body when the claim is another worker's", async () => {
    const { app, work, log, backend } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async () => {
            throw new BrokerError("gone", { code: "LEASE_LOST" });
          },
        }),
    });
    const body = vi.fn(() => "done");
    const task = app.task("t", body);
    await work();
    const sent = await task.delay();
    await vi.waitFor(() => expect(log.count("ack was not confirmed")).toBe(1));
    await settle();
    expect(body).not.toHaveBeenCalled();
    expect(await backend.fetch(sent.id)).toBeUndefined();
  });
});

describe("late ack", () => {
  it("G2: comes after the result is stored", async () => {
    const order: string[] = [];
    const { app, work } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onAck: async (ack) => {
            order.push("ack");
            await ack();
          },
        }),
      wrapBackend: (memory) =>
        wrapBackend(memory, async (record, store) => {
          await settle();
          order.push(`store:${record.status}`);
          await store.store(record);
        }),
    });
    const task = app.task("t", { acksLate: true }, () => {
      order.push("body");
      return 1;
    });
    const worker = await work();
    await task.delay().get({ timeout: "5s" });
    await worker.stop();
    expect(order).toEqual(["body", "store:SUCCESS", "ack"]);
  });
});
