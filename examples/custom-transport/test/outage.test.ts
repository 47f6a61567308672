import type { CallOptions } from "@celeriac/core/ports";
import { postgresBroker } from "@celeriac/example-custom-transport";
import { plainQueue, routeTo, sampleMessage, textOf } from "@celeriac/testkit";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFixture, url } from "./postgres-fixture.mjs";

describe.skipIf(url === undefined)("when the server ends the connection", () => {
  let fixture: Awaited<ReturnType<typeof createFixture>>;

  beforeEach(async () => {
    fixture = await createFixture();
  });
  afterEach(() => fixture.cleanup());

  it("the iteration fails as retryable, what was claimed comes back, and the broker works on", async () => {
    const { broker } = fixture;
    await broker.publish(sampleMessage("m0"), routeTo("queue"));
    const consumer = await broker.consume({ queues: [plainQueue("queue")], prefetch: 10 });
    const batches = consumer[Symbol.asyncIterator]();
    const [claimed] = (await batches.next()).value ?? [];
    expect(claimed?.redelivered).toBe(false);

    await fixture.cut();
    await expect(batches.next()).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    // As a worker does: it tries again until it is connected.
    const again = await vi.waitFor(() => broker.consume({ queues: [plainQueue("queue")], prefetch: 10 }));
    for await (const [delivery] of again) {
      expect(delivery?.message && textOf(delivery.message)).toBe("m0");
      expect(delivery?.redelivered).toBe(true);
      await expect(claimed?.ack()).rejects.toMatchObject({ retryable: true });
      await delivery?.ack();
      break;
    }
  });
});

describe.skipIf(url === undefined)("when the server does not answer", () => {
  it("a broker with a consumer can be closed, and what it claimed is free", async () => {
    const fixture = await createFixture();
    const { broker } = fixture;
    await broker.publish(sampleMessage("m0"), routeTo("queue"));
    const consumer = await broker.consume({ queues: [plainQueue("queue")], prefetch: 10 });
    await consumer[Symbol.asyncIterator]().next();
    await fixture.stall();
    await broker[Symbol.asyncDispose]();
    await fixture.resume();
    const peer = await fixture.createPeer();
    for await (const [delivery] of await peer.consume({ queues: [plainQueue("queue")], prefetch: 1 })) {
      expect(delivery?.redelivered).toBe(true);
      await delivery?.ack();
      break;
    }
    await fixture.cleanup();
  });

  it("what was given up before its turn came is not sent afterwards", async () => {
    const fixture = await createFixture();
    const { broker } = fixture;
    const publish = (text: string, options: CallOptions) =>
      broker.publish(sampleMessage(text), routeTo("queue"), options);
    await broker.queues.declare(plainQueue("queue"));
    await fixture.stall();
    for (const text of ["on its way", "again", "and again"])
      await expect(publish(text, { timeoutMs: 100 })).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
    const unwanted = new AbortController();
    const aborted = publish("unwanted", { signal: unwanted.signal });
    unwanted.abort(new Error("unwanted"));
    await expect(aborted).rejects.toThrow("unwanted");
    await fixture.resume();
    expect(await broker.queues.length("queue")).toBe(1);
    await fixture.cleanup();
  });

  it("a consumer that nobody waits for any more is not started", async () => {
    const fixture = await createFixture();
    const { broker } = fixture;
    const subscription = { queues: [plainQueue("queue")], prefetch: 1 };
    await broker.queues.declare(plainQueue("queue"));
    await fixture.stall();
    const stuck = broker.publish(sampleMessage("m0"), routeTo("queue"));
    await expect(broker.consume(subscription, { timeoutMs: 100 })).rejects.toMatchObject({ retryable: true });
    const asked = vi.spyOn(pg.Client.prototype, "query");
    await fixture.resume();
    await stuck;
    await broker.queues.length("queue"); // comes after whatever a consumer asks when it starts
    expect(asked.mock.calls.filter(([statement]) => String(statement).includes("pg_locks"))).toEqual([]);
    asked.mockRestore();
    await fixture.cleanup();
  });
});

describe("a server that is not there", () => {
  it("is BROKER_UNAVAILABLE, and retryable", async () => {
    const broker = postgresBroker("pgqueue://nobody@127.0.0.1:1/nothing");
    await expect(broker.queues.length("queue")).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await broker[Symbol.asyncDispose]();
  });

  it.skipIf(url === undefined)("is asked again once it may be there", async () => {
    const name = `celeriac_late_${process.pid}`;
    const target = new URL(url ?? "");
    target.pathname = `/${name}`;
    const broker = postgresBroker(target.href.replace(/^\w+:/, "pgqueue:"));
    await expect(broker.queues.length("queue")).rejects.toMatchObject({ code: "BROKER_REFUSED" });
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    // The tables are still missing, and that is another answer.
    await expect(broker.queues.length("queue")).rejects.toThrow(/celeriac_message/);
    await broker[Symbol.asyncDispose]();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
});
