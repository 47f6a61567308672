import { deflateSync } from "node:zlib";
import { startFaultProxy } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { api, closeConnections, hasRabbit, serverPort, urlOf } from "../../amqp-connection/test/rabbit.js";
import { callCleanup, outlast } from "../../testkit/test/worker-on-backend.js";
import { hear, type Lab, openLab, resultFor } from "./rpc-lab.js";

describe.skipIf(!hasRabbit)("results over rpc", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab();
  });
  afterEach(() => lab.close());

  const queues = async (): Promise<readonly Record<string, unknown>[]> => lab.host.list("queues");

  it("are messages as Celery writes them", async () => {
    const [worker, raw] = [lab.backend(), await lab.channel()];
    const { queue } = await raw.assertQueue("someone", { durable: false });
    const traceback = 'Traceback "é"\n';
    const children = [[["child", null], null]] as const;
    await worker.store(
      resultFor(worker, "t1", "SUCCESS", 5, { replyTo: queue, traceback, children, groupId: "g", correlationId: "c1" }),
    );
    const message = await raw.get(queue, { noAck: true });
    if (message === false) throw new Error("nothing was sent");
    expect(message.content.toString()).toBe(
      '{"task_id":"t1","status":"SUCCESS","result":5,"traceback":"Traceback \\"é\\"\\n","children":[[["child",null],null]]}',
    );
    expect(message.fields).toMatchObject({ exchange: "", routingKey: queue });
    expect(message.properties).toMatchObject({
      contentType: "application/json",
      contentEncoding: "utf-8",
      correlationId: "c1",
      deliveryMode: 1,
      priority: 0,
      headers: {},
    });
    await lab.backend({ resultPersistent: true }).store(resultFor(worker, "t2", "STARTED", null, { replyTo: queue }));
    const second = await raw.get(queue, { noAck: true });
    expect(second).toMatchObject({ properties: { deliveryMode: 2, correlationId: "t2" } });
  });

  it("that nobody asked for are dropped, and those whose client is gone", async () => {
    const [worker, client] = [lab.backend(), lab.backend()];
    const { replyTo: _replyTo, ...unasked } = resultFor(client, "t");
    await worker.store(unasked);
    await worker.store({ ...unasked, replyTo: "" });
    expect(await api("GET", `vhosts/${lab.host.name}/connections`)).toEqual([]); // not even a connection
    await worker.store(resultFor(client, "t"));
    expect(await client.fetch("t")).toBeUndefined();
  });

  it("come to a queue that goes with its client, one for all tasks", async () => {
    const client = lab.backend({ resultExpires: 60 });
    expect(client.replies.address).toMatch(/^[0-9a-f-]{36}$/);
    await client.replies.open();
    expect(client.replies.open()).toBeUndefined();
    await client.watcher.watch("a", () => undefined);
    await client.fetch("b");
    expect(await queues()).toMatchObject([
      {
        name: client.replies.address,
        durable: false,
        auto_delete: false,
        exclusive: false,
        arguments: { "x-expires": 60_000 },
      },
    ]);
    await client[Symbol.asyncDispose]();
    expect(await queues()).toEqual([]);
  });

  it("are 200 at once on one queue, each told to whoever waits for it", async () => {
    const [worker, client] = [lab.backend(), lab.backend()];
    const ids = Array.from({ length: 200 }, (_unused, index) => `task ${index}`);
    const watches = await Promise.all(ids.map((id) => hear(client.watcher, id)));
    await Promise.all(
      ids.map(async (id, index) => {
        await worker.store(resultFor(client, id, "STARTED", null));
        await worker.store(resultFor(client, id, "SUCCESS", index));
      }),
    );
    for (const [index, watch] of watches.entries()) {
      expect(await watch.until(`SUCCESS:${index}`)).toEqual(["STARTED:null", `SUCCESS:${index}`]);
    }
    expect((await Promise.all(ids.map((id) => client.fetch(id)))).map((meta) => meta?.result)).toEqual(
      ids.map((_id, index) => index),
    );
  });

  it("are heard in order, once and without a gap, while connections are cut", async () => {
    const [worker, client] = [lab.backend(), lab.backend()];
    const watch = await hear(client.watcher, "t");
    const sent: string[] = [];
    for (let step = 0; step < 400; step += 1) {
      // Sent one after the other: what is in doubt is sent again, as a worker does.
      const record = resultFor(client, "t", "PROGRESS", step);
      while (!(await worker.store(record).then(() => true, again)));
      sent.push(`PROGRESS:${step}`);
      if (step % 100 === 50) await closeConnections(lab.host.name);
    }
    await worker.store(resultFor(client, "t", "SUCCESS", "done"));
    const heard = await watch.until('SUCCESS:"done"');
    const once = heard.filter((entry, index) => entry !== heard[index - 1]); // a store in doubt is sent twice
    expect(once).toEqual([...sent, 'SUCCESS:"done"']);
    expect(watch.errors.length).toBeGreaterThan(0);
    expect(watch.errors[0]).toMatchObject({ code: "BACKEND_UNAVAILABLE", retryable: true });
  });

  it("are found by asking, whatever happened to the connection", async () => {
    const [worker, client] = [lab.backend(), lab.backend()];
    await client.replies.open();
    for (let round = 0; round < 3; round += 1) {
      await closeConnections(lab.host.name);
      const id = `t${round}`;
      while (!(await worker.store(resultFor(client, id, "SUCCESS", round)).then(() => true, again)));
      expect((await client.fetch(id))?.result).toBe(round);
      expect((await client.fetch(id))?.result).toBe(round); // and again
    }
  });

  it("are all there when asked for, however many came at once", async () => {
    const [worker, client] = [lab.backend(), lab.backend({ maxResults: 5000 })];
    await client.replies.open();
    const ids = Array.from({ length: 3000 }, (_unused, index) => `task ${index}`);
    await Promise.all(ids.map((id, index) => worker.store(resultFor(client, id, "SUCCESS", index))));
    expect((await client.fetch("task 2999"))?.result).toBe(2999);
  });

  it("may be asked for while others keep coming faster than they are read", async () => {
    const [client, sender, observer] = [lab.backend(), await lab.channel(), await lab.channel()];
    const { address } = client.replies;
    await client.replies.open();
    const result = Buffer.from('{"task_id":"other","status":"SUCCESS","result":1}');
    let isOver = false;
    const flood = (async () => {
      while (!isOver) {
        for (let index = 0; index < 500; index += 1) {
          sender.sendToQueue(address, result, { contentType: "application/json" });
        }
        await new Promise(setImmediate);
      }
    })();
    while ((await observer.checkQueue(address)).messageCount < 1000); // it has fallen behind
    const asked = client.fetch("nobody", { timeoutMs: 20_000 }).finally(() => {
      isOver = true;
    });
    expect(await asked).toBeUndefined();
    await flood;
  }, 40_000);

  it("wait in a named queue for a client that comes late", async () => {
    const [worker, early] = [lab.backend(), lab.backend({ oid: "shop" })];
    await early.replies.open();
    await early[Symbol.asyncDispose]();
    await worker.store(resultFor(early, "t", "STARTED", null));
    await worker.store(resultFor(early, "t", "FAILURE", { exc_type: "E", exc_message: [], exc_module: "m" }));
    const late = lab.backend({ oid: "shop" });
    expect(await late.fetch("t")).toMatchObject({ taskId: "t", status: "FAILURE" });
    expect(await queues()).toMatchObject([
      { name: "shop", arguments: { "x-expires": 86_400_000, "x-message-ttl": 86_400_000 } },
    ]);
  });

  it("are found again after a restart under the same name, read or not, until they are forgotten", async () => {
    const [worker, before] = [lab.backend(), lab.backend({ oid: "shop" })];
    await before.replies.open();
    for (const id of ["read", "unread", "forgotten"]) await worker.store(resultFor(before, id, "STARTED", null));
    for (const id of ["read", "unread", "forgotten"]) await worker.store(resultFor(before, id, "SUCCESS", id));
    expect((await before.fetch("read"))?.result).toBe("read");
    await before.forget("forgotten");
    await closeConnections(lab.host.name); // a crash says no goodbye
    await before[Symbol.asyncDispose]();
    const after = lab.backend({ oid: "shop" });
    expect((await after.fetch("read"))?.result).toBe("read");
    expect((await after.fetch("unread"))?.result).toBe("unread");
    expect(await after.fetch("forgotten")).toBeUndefined();
    const watch = await hear(after.watcher, "read");
    expect(watch.heard).toEqual(['SUCCESS:"read"']);
  });

  it("are not heard twice by a client that loses its connection under a name", async () => {
    const [worker, client] = [lab.backend(), lab.backend({ oid: "shop" })];
    const watch = await hear(client.watcher, "t");
    await worker.store(resultFor(client, "t", "STARTED", null));
    await worker.store(resultFor(client, "t", "PROGRESS", 1));
    await watch.until("PROGRESS:1");
    await closeConnections(lab.host.name);
    while (!(await worker.store(resultFor(client, "t", "SUCCESS", 2)).then(() => true, again)));
    expect(await watch.until("SUCCESS:2")).toEqual(["STARTED:null", "PROGRESS:1", "SUCCESS:2"]);
  });

  it("have a place again after somebody has deleted their queue", async () => {
    const [worker, client] = [lab.backend(), lab.backend()];
    const watch = await hear(client.watcher, "t");
    await (await lab.channel()).deleteQueue(client.replies.address);
    await client.fetch("other"); // resolves once the queue is there again
    await worker.store(resultFor(client, "t"));
    expect(await watch.until("SUCCESS:5")).toEqual(["SUCCESS:5"]);
    expect(watch.errors).toMatchObject([{ code: "BACKEND_UNAVAILABLE" }]);
  });

  it("that cannot be read are an error for their task alone", async () => {
    const client = lab.backend();
    const raw = await lab.channel();
    const watch = await hear(client.watcher, "bad");
    const { address } = client.replies;
    raw.sendToQueue(address, Buffer.from("\x80\x02}."), {
      correlationId: "bad",
      contentType: "application/x-python-serialize",
    });
    raw.sendToQueue(address, Buffer.from("no task"), { contentType: "application/json" });
    raw.sendToQueue(address, Buffer.from('{"task_id":"good","status":"SUCCESS","result":1}'), {
      contentType: "application/json",
    });
    await raw.checkQueue(address);
    expect((await client.fetch("good"))?.result).toBe(1);
    await expect(client.fetch("bad")).rejects.toMatchObject({ code: "E_RESULT" });
    await expect(client.fetch("bad")).rejects.toThrow(/application\/x-python-serialize.*result_serializer to json/);
    expect(watch.errors).toMatchObject([{ code: "E_RESULT" }]);
  });

  it("are compressed from 1,024 bytes on when told to, say how, and are read by who does not compress", async () => {
    const [client, worker, raw] = [lab.backend(), lab.backend({ resultCompression: "brotli" }), await lab.channel()];
    const { queue } = await raw.assertQueue("someone", { durable: false });
    const value = "work ".repeat(1000);
    const watch = await hear(client.watcher, "long");
    await worker.store(resultFor(client, "long", "SUCCESS", value));
    expect(await watch.until(`SUCCESS:${JSON.stringify(value)}`)).toHaveLength(1);
    expect((await client.fetch("long"))?.result).toBe(value);
    for (const sample of [value, "short"])
      await worker.store(resultFor(worker, "t", "SUCCESS", sample, { replyTo: queue }));
    const [long, short] = [await raw.get(queue, { noAck: true }), await raw.get(queue, { noAck: true })];
    expect(long).toMatchObject({ properties: { headers: { compression: "application/x-brotli" } } });
    expect(short).toMatchObject({ properties: { headers: {} } });
    if (long === false) throw new Error("nothing was sent");
    expect(long.content.length).toBeLessThan(200);
  });

  it("that are bombs, broken or compressed with something unknown are an error for their task alone", async () => {
    const client = lab.backend();
    await client.replies.open();
    const raw = await lab.channel();
    const bodies = {
      bomb: ["application/x-gzip", deflateSync(Buffer.alloc(65 * 1_048_576)), /beyond the cap of 67108864/],
      broken: ["application/x-gzip", Buffer.from("{}"), /corrupt/],
      unknown: ["application/x-lzma", Buffer.from("{}"), /application\/x-lzma.*resultCompression/],
      odd: [5, Buffer.from("{}"), /compressed with 5/],
    } as const;
    for (const [correlationId, [compression, body]] of Object.entries(bodies))
      raw.sendToQueue(client.replies.address, body, {
        ...{ correlationId, contentType: "application/json", headers: { compression } },
      });
    await raw.checkQueue(client.replies.address);
    for (const [id, [, , words]] of Object.entries(bodies))
      await expect(client.fetch(id)).rejects.toMatchObject({ code: "E_RESULT", message: expect.stringMatching(words) });
  });

  it("of 20 MB come whole", async () => {
    const client = lab.backend();
    const value = "0123456789abcdef".repeat(1_310_720);
    await client.replies.open();
    await client.store(resultFor(client, "large", "SUCCESS", value));
    expect((await client.fetch("large"))?.result === value).toBe(true);
  });

  it("G24: are kept by the worker while RabbitMQ is away, which acknowledges nothing", async () => {
    const proxy = await startFaultProxy({ host: "127.0.0.1", port: serverPort() });
    const backend = lab.backend({ timeoutMs: 300 }, urlOf(lab.host.name, proxy.port));
    await backend.replies.open({ timeoutMs: 5_000 });
    const report = await outlast(backend, { away: () => proxy.close(), back: () => proxy.open() });
    expect(report).toEqual({ waited: true, acksWhileAway: 0, acks: 5, runs: 5, states: Array(5).fill("SUCCESS") });
    await proxy.close();
  }, 60_000);

  it("need no cleaning up: celery.backend_cleanup does nothing", async () => {
    await callCleanup(lab.backend(), 60);
  });

  it("cannot be groups or chords, as in Celery", async () => {
    const client = lab.backend();
    for (const refused of [
      client.groups.save("g", [["g", null], []]),
      client.groups.restore("g"),
      client.groups.delete("g"),
    ]) {
      await expect(refused).rejects.toMatchObject({
        name: "UnsupportedOperation",
        code: "BACKEND_REFUSED",
        retryable: false,
      });
    }
    await expect(client.groups.save("g", [["g", null], []])).rejects.toThrow(/^save_group is not supported/);
    expect(client.chords).toBeUndefined();
    expect(client.refusesChords).toMatch(/no worker can count them/);
  });

  it("say at once when RabbitMQ would not have us, and are there when it does", async () => {
    await api("PUT", "users/late", { password: "secret", tags: "" });
    const client = lab.backend({}, urlOf(lab.host.name, serverPort(), "late:secret"));
    const refused = client.fetch("t");
    await expect(refused).rejects.toMatchObject({ code: "BACKEND_REFUSED", retryable: false });
    await expect(refused).rejects.toThrow(/does not let user "late"/);
    await expect(client.replies.open()).rejects.toMatchObject({ code: "BACKEND_REFUSED" });
    await expect(client.store(resultFor(client, "t"))).rejects.toMatchObject({ code: "BACKEND_REFUSED" });
    await api("PUT", `permissions/${lab.host.name}/late`, { configure: ".*", write: ".*", read: ".*" });
    expect(await client.fetch("t")).toBeUndefined();
  });

  it("refuse a name that is taken by another kind of queue, saying what differs", async () => {
    await (await lab.channel()).assertQueue("shop", { durable: true });
    const refused = lab.backend({ oid: "shop" }).fetch("t");
    await expect(refused).rejects.toMatchObject({ code: "BACKEND_REFUSED" });
    await expect(refused).rejects.toThrow(/queue "shop" exists with another/);
  });
});

/** Only what may work later is tried again. */
function again(error: Error & { readonly retryable?: boolean }): boolean {
  if (error.retryable !== true) throw error;
  return false;
}
