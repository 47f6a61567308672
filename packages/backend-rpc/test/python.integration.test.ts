/** Results over rpc between Celery and us, in both directions. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { amqpBroker } from "@celeriac/broker-amqp";
import type { App } from "@celeriac/core";
import { context, createApp, silentLogger } from "@celeriac/core";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { type ConsumeMessage, connect } from "amqplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVirtualHost, hasRabbit, type VirtualHost } from "../../amqp-connection/test/rabbit.js";
import { hasCelery } from "../../broker-amqp/test/amqp-lab.js";
import { rpcBackend } from "../src/index.js";

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("celery_peer.py", import.meta.url));

const env = { ...process.env, PYTHONWARNINGS: "ignore" };

/** What `celery_peer.py` prints, line by line; ends with it. */
function peer(...args: readonly string[]) {
  const child = spawn(PYTHON, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<unknown> => {
      for (;;) {
        const { done, value } = await lines.next();
        if (done === true) throw new Error(`celery_peer.py ${args[0]} ended too early`);
        if (value.startsWith("> ")) return JSON.parse(value.slice(2));
      }
    },
    stop: async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function appOn(host: VirtualHost, queue: string, resultCompression: string | null = null): App {
  return createApp("ours", {
    brokerUrl: host.url,
    resultBackend: "rpc://",
    adapters: [amqpBroker, rpcBackend],
    taskDefaultQueue: queue,
    taskTrackStarted: true,
    resultCompression,
    logger: silentLogger,
  });
}

const LONG_RECORD = {
  ...{ taskId: "long", status: "SUCCESS", result: JSON.stringify("work ".repeat(1000)) },
  ...{ traceback: null, children: null, dateDoneMs: 0 },
};

/** A queue of the test's own, to see messages as they travel. */
async function openListener(host: VirtualHost) {
  const connection = await connect(host.url);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  const arrived = new Promise<ConsumeMessage>((resolve) => {
    void channel.consume(queue, (message) => message !== null && resolve(message), { noAck: true });
  });
  return { queue, next: () => arrived, close: () => connection.close() };
}

describe.skipIf(!hasRabbit || !hasCelery)("a client of ours and a worker of Celery's", () => {
  let host: VirtualHost;
  let app: App;
  let worker: ReturnType<typeof peer>;

  beforeAll(async () => {
    host = await createVirtualHost();
    app = appOn(host, "python");
    worker = peer("worker", host.url, "python");
    expect(await worker.next()).toBe("ready");
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await worker.stop();
  });

  it("exchange 200 results at once", async () => {
    const sends = Array.from({ length: 200 }, (_unused, index) => app.send<number>("peer.add", [index, index]));
    const results = await Promise.all(sends.map((sending) => sending.get({ timeout: "30s" })));
    expect(results).toEqual(sends.map((_sending, index) => 2 * index));
  }, 60_000);

  it("exchange errors", async () => {
    const failed = await app.send("peer.fail", ["boom"]);
    await expect(failed.get({ timeout: "30s" })).rejects.toMatchObject({
      code: "TASK_FAILED",
      pyType: "ValueError",
      args: ["boom"],
    });
    expect(await failed.meta()).toMatchObject({
      status: "FAILURE",
      traceback: expect.stringContaining("ValueError: boom"),
    });
  });

  it("exchange every state, in order", async () => {
    // A countdown: whoever looks late sees the newest state only, and this test wants them all.
    const running = await app.send("peer.progress", [5], { countdown: "2s" });
    const steps: unknown[] = [];
    for await (const step of running.progress({ timeout: "30s" })) steps.push(step);
    expect(steps).toEqual([0, 1, 2, 3, 4].map((step) => ({ step })));
    expect(await running.get({ timeout: "1s" })).toBe("finished");
    expect(await running.state()).toBe("SUCCESS");
  });

  it("exchange a retry, on the way to its result", async () => {
    const retried = await app.send("peer.retry");
    expect(await retried.get({ timeout: "30s" })).toBe(1);
  });

  it.each(["zlib", "gzip"])("exchange a result that kombu compressed with %s", async (compression) => {
    const backend = rpcBackend(host.url);
    try {
      await backend.replies?.open();
      const sender = peer("reply", host.url, backend.replies?.address ?? "", "t1", compression);
      expect(await sender.next()).toBe("sent");
      await sender.stop();
      expect((await backend.fetch("t1"))?.result).toBe("work ".repeat(1000));
    } finally {
      await backend[Symbol.asyncDispose]();
    }
  });

  it("say so when kombu compressed with what we do not know", async () => {
    const backend = rpcBackend(host.url);
    try {
      await backend.replies?.open();
      const sender = peer("reply", host.url, backend.replies?.address ?? "", "t1", "bzip2");
      expect(await sender.next()).toBe("sent");
      await sender.stop();
      await expect(backend.fetch("t1")).rejects.toMatchObject({
        code: "E_RESULT",
        message: expect.stringMatching(/compressed with application\/x-bz2.*resultCompression/),
      });
    } finally {
      await backend[Symbol.asyncDispose]();
    }
  });

  it("exchange what was asked for under a name, when the client comes back", async () => {
    const first = createApp("first", { broker: amqpBroker(host.url), backend: rpcBackend(host.url, { oid: "desk" }) });
    expect(first.oid).toBe("desk");
    const { id } = await first.send("peer.add", [1, 2], { queue: "python" });
    await first.close();
    const second = createApp("second", {
      broker: amqpBroker(host.url),
      backend: rpcBackend(host.url, { oid: "desk" }),
    });
    expect(await second.result(id).get({ timeout: "30s" })).toBe(3);
    await second.close();
  });
});

describe.skipIf(!hasRabbit || !hasCelery)("a client of Celery's and a worker of ours", () => {
  let host: VirtualHost;
  let app: App;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    host = await createVirtualHost();
    app = appOn(host, "node", "zlib"); // Celery's own setting, which a configuration shares with Python
    app.task("peer.add", (x: number, y: number) => x + y);
    app.task("peer.long", (length: number) => "work ".repeat(length / 5));
    app.task("peer.fail", (text: string) => {
      throw Object.assign(new Error(text), { name: "ValueError", pythonModule: "builtins" });
    });
    app.task("peer.progress", async (steps: number) => {
      for (let step = 0; step < steps; step += 1) await context().progress({ step });
      return "finished";
    });
    const worker = createWorker(app, { pool: asyncPool({ concurrency: 20 }) });
    await worker.start();
    stop = async () => {
      await worker.stop();
      await app.close();
    };
  }, 60_000);
  afterAll(() => stop());

  it("exchange 200 results at once, errors and states", async () => {
    const client = peer("client", host.url, "node");
    try {
      expect(await client.next()).toEqual({ many: Array.from({ length: 200 }, (_unused, index) => 2 * index) });
      expect(await client.next()).toEqual({ failed: ["ValueError", ["boom"]], state: "FAILURE" });
      expect(await client.next()).toEqual({
        heard: [
          ["PROGRESS", { step: 0 }],
          ["PROGRESS", { step: 1 }],
          ["PROGRESS", { step: 2 }],
          ["SUCCESS", "finished"],
        ],
        value: "finished",
      });
    } finally {
      await client.stop();
    }
  }, 60_000);

  it("exchange long results, which travel compressed", async () => {
    const listener = await openListener(host);
    const client = peer("long", host.url, "node");
    try {
      expect(await client.next()).toEqual([
        [5000, "work "],
        [6000, "work "],
      ]);
      await app.backend?.store({ ...LONG_RECORD, replyTo: listener.queue });
      const message = await listener.next();
      expect(message).toMatchObject({ properties: { headers: { compression: "application/x-gzip" } } });
      expect(message.content.length).toBeLessThan(500);
    } finally {
      await client.stop();
      await listener.close();
    }
  }, 60_000);

  it("exchange a result that is looked for later, by polling", async () => {
    const client = peer("late", host.url, "node");
    try {
      expect(await client.next()).toEqual({ state: "SUCCESS", again: "SUCCESS", value: 42 });
    } finally {
      await client.stop();
    }
  }, 60_000);
});
