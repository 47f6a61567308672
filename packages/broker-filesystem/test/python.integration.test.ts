import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createApp, silentLogger } from "@celeriac/core";
import type { Broker, Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
// By path: both packages have adapters among their own dependencies, and an adapter must not depend on them.
import { createControl } from "../../control/src/index.js";
import { createWorker } from "../../worker/src/index.js";
import { asyncPool } from "../../worker/src/pool/async/index.js";
import { createFolderFixture } from "./folder-fixture.js";
import { askPython, findPython, runCelery, startPythonWorker } from "./python-peer.js";

const QUEUE = "shared";
const python = findPython();
if (python === undefined && process.env.CI === "true") {
  throw new Error("No Python with Celery was found. Set CELERIAC_PYTHON.");
}

let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
beforeEach(async () => {
  fixture = await createFolderFixture({ partialGraceMs: 5_000 }); // Python may be held up between open and write
  await fixture.broker.queues.length(QUEUE); // makes the folders, which kombu expects
});
afterEach(() => fixture.cleanup());
const ask = (command: string, ...args: string[]): Promise<unknown> =>
  askPython(python ?? "", fixture.folder, command, ...args);

function jsonMessage(body: unknown, headers: Readonly<Record<string, unknown>>): Message {
  return { ...sampleMessage("m"), body: new TextEncoder().encode(JSON.stringify(body)), headers };
}

/** Takes and acks `count` messages; resolves with their ids. */
async function takeIds(broker: Broker, queue: Queue, count: number): Promise<readonly unknown[]> {
  const consumer = await broker.consume({ queues: [queue], prefetch: 10 });
  const ids: unknown[] = [];
  for await (const batch of consumer) {
    for (const delivery of batch) {
      ids.push(delivery.message?.headers.id);
      await delivery.ack();
    }
    if (ids.length >= count) break;
  }
  await consumer[Symbol.asyncDispose]();
  return ids;
}

describe.skipIf(python === undefined)("a message folder shared with Python's Celery (CELERIAC_PYTHON)", () => {
  it("Python takes our messages, in their order and whole", async () => {
    for (const text of ["m0", "m1", "m2"]) await fixture.broker.publish(sampleMessage(text), routeTo(QUEUE));
    expect(await ask("get", QUEUE, "3")).toEqual([
      ["m0", false, "m0"],
      ["m1", false, "m1"],
      ["m2", false, "m2"],
    ]);
    expect(await fixture.broker.queues.length(QUEUE)).toBe(0);
  });

  it("we take Python's messages", async () => {
    await ask("put", QUEUE, "p", "20");
    expect(await fixture.broker.queues.length(QUEUE)).toBe(20);
    const ids = await takeIds(fixture.broker, plainQueue(QUEUE), 20);
    expect(ids.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `p${index}`).toSorted());
  });

  it("a message we gave back is flagged for Python too, and in front", async () => {
    for (const text of ["m0", "m1"]) await fixture.broker.publish(sampleMessage(text), routeTo(QUEUE));
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 1 });
    const { value } = await consumer[Symbol.asyncIterator]().next();
    await consumer[Symbol.asyncDispose]();
    await value?.[0]?.restore();
    expect(await ask("get", QUEUE, "2")).toEqual([
      ["m0", true, "m0"],
      ["m1", false, "m1"],
    ]);
  });

  // Python's readers are kept apart from Python's writers: kombu itself may take a message that kombu is still writing.
  it("every message is taken once, and whole, while both put", async () => {
    const ours = Array.from({ length: 150 }, (_, index) => `ts${index}`);
    const theirs = Array.from({ length: 150 }, (_, index) => `py${index}`);
    const taking = takeIds(fixture.broker, plainQueue(QUEUE), 300);
    const putting = ask("put", QUEUE, "py", "150");
    for (const id of ours) await fixture.broker.publish(sampleMessage(id), routeTo(QUEUE));
    await putting;
    expect((await taking).toSorted()).toEqual([...ours, ...theirs].toSorted());
    expect(await fixture.broker.queues.length(QUEUE)).toBe(0);
  });

  it("every message is taken once while both take", async () => {
    const ids = Array.from({ length: 800 }, (_, index) => `m${index}`);
    await fixture.broker.publishMany(ids.map((id) => [sampleMessage(id), routeTo(QUEUE)] as const));
    const pythonTakes = ask("get", QUEUE, "150");
    const taken: unknown[] = [];
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 2 });
    const taking = (async () => {
      for await (const batch of consumer) {
        for (const delivery of batch) {
          taken.push(delivery.message?.headers.id);
          await delivery.ack();
        }
        await pause(3); // leaves Python, which has to start first, something to take
      }
    })();
    const theirs = ((await pythonTakes) as unknown[][]).map(([id]) => id);
    expect(theirs.length).toBeGreaterThan(0);
    await expect.poll(() => taken.length + theirs.length, { timeout: 10_000 }).toBe(ids.length);
    await consumer[Symbol.asyncDispose]();
    await taking;
    expect([...taken, ...theirs].toSorted()).toEqual([...ids].toSorted());
  });

  it("Python's topic messages reach queues that we have bound", async () => {
    const queue: Queue = { name: "mail", exchange: { name: "topics", type: "topic" }, routingKey: "mail.*" };
    await fixture.broker.queues.declare(queue);
    await ask("topic", "topics", "mail.in");
    await ask("topic", "topics", "other.in");
    expect(await takeIds(fixture.broker, queue, 1)).toEqual(["mail.in"]);
    expect(await fixture.broker.queues.length("mail")).toBe(0);
  });

  it("`control.ping()` of Python sees a node of ours", async () => {
    const queue: Queue = {
      name: "ts@host.celery.pidbox",
      exchange: { name: "celery.pidbox", type: "fanout" },
      routingKey: "",
      durable: false,
      autoDelete: true,
    };
    await using peer = fixture.broker;
    await using _listening = await peer.fanout?.listen(queue, (message) => {
      const request = JSON.parse(new TextDecoder().decode(message.body));
      const reply = jsonMessage({ "ts@host": { ok: "pong" } }, { ticket: request.ticket, clock: 1 });
      void peer.publish(reply, { exchange: request.reply_to.exchange, routingKey: request.reply_to.routing_key });
    });
    expect(await ask("ping", "2")).toEqual([{ "ts@host": { ok: "pong" } }]);
  });

  it.each([
    ["inspect ping", "pong"],
    ["status", "1 node online."],
  ])("`celery %s` sees a worker of ours", async (command, expected) => {
    await using app = createApp("ours", { broker: fixture.broker, logger: silentLogger });
    await using worker = createWorker(app, { pool: asyncPool({ concurrency: 1 }), hostname: "ts@host" });
    await worker.start();
    const printed = await runCelery(python ?? "", fixture.folder, ...command.split(" "), "--timeout", "2");
    expect(printed).toContain("ts@host: OK");
    expect(printed).toContain(expected);
  });

  it("our `ping` sees a worker of Python and one of ours", async () => {
    await using _worker = startPythonWorker(python ?? "", fixture.folder);
    await using ours = createApp("ours", { broker: fixture.broker, logger: silentLogger });
    await using worker = createWorker(ours, { pool: asyncPool({ concurrency: 1 }), hostname: "ts@host" });
    await worker.start();
    await using app = createApp("client", { broker: await fixture.createPeer(), logger: silentLogger });
    const ping = async (): Promise<readonly string[]> =>
      [...(await createControl(app).ping({ limit: 2, timeout: 3 }))].sort();
    await expect.poll(ping, { timeout: 15_000 }).toEqual(["py@host", "ts@host"]);
  });

  it("a worker of Python runs our task, and answers our broadcast", async () => {
    await using _worker = startPythonWorker(python ?? "", fixture.folder);
    const { broker } = fixture;
    const task = jsonMessage([[2, 3], {}, { callbacks: null, errbacks: null, chain: null, chord: null }], {
      id: "task-1",
      task: "peer.add",
      lang: "js",
    });
    await broker.publish(task, routeTo("celery"));
    const result = join(fixture.folder, "results", "celery-task-meta-task-1");
    await expect.poll(() => readFile(result, "utf8").catch(() => ""), { timeout: 10_000 }).toContain("SUCCESS");
    expect(JSON.parse(await readFile(result, "utf8"))).toMatchObject({ status: "SUCCESS", result: 5 });

    const replies: Queue = {
      name: "oid.reply.celery.pidbox",
      exchange: { name: "reply.celery.pidbox", type: "direct" },
      routingKey: "oid",
      autoDelete: true,
    };
    const consumer = await broker.consume({ queues: [replies], prefetch: Number.POSITIVE_INFINITY, noAck: true });
    const ping = jsonMessage(
      {
        method: "ping",
        arguments: {},
        destination: null,
        pattern: null,
        matcher: null,
        ticket: "t1",
        reply_to: { exchange: "reply.celery.pidbox", routing_key: "oid" },
      },
      { clock: 1, expires: 0 },
    );
    await broker.fanout?.broadcast(ping, "celery.pidbox", "");
    for await (const [reply] of consumer) {
      expect(JSON.parse(new TextDecoder().decode(reply?.message?.body))).toEqual({ "py@host": { ok: "pong" } });
      break;
    }
    await consumer[Symbol.asyncDispose]();
    expect(await readdir(join(fixture.folder, "control"))).toContain("celery.pidbox.exchange");
  });
});
