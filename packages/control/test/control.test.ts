import { MemoryStore, memoryBroker } from "@celeriac/broker-memory";
import type { App, LogEntry, Message } from "@celeriac/core";
import { createApp, createDeferred, createLogger, decodeControlRequest, encodeControlReply } from "@celeriac/core";
import type { Worker } from "@celeriac/worker";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inspection, RequestInfo } from "../src/index.js";
import { createControl } from "../src/index.js";

let store: MemoryStore;
let running: AsyncDisposable[];

beforeEach(() => {
  store = new MemoryStore();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.reverse().map((part) => part[Symbol.asyncDispose]()));
});

function newApp(entries?: LogEntry[]): App {
  const logger = createLogger({ level: "debug", sink: (entry) => entries?.push(entry) });
  const app = createApp("control-test", { broker: memoryBroker({ store }), logger });
  running.push(app);
  return app;
}

async function startWorker(hostname: string, define: (app: App) => void = () => undefined): Promise<Worker> {
  const app = newApp();
  define(app);
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 1 }), hostname });
  await worker.start();
  running.push(worker);
  return worker;
}

describe("createControl", () => {
  it("hears every worker and names each", async () => {
    await startWorker("a@here");
    await startWorker("b@here");
    const nodes = await createControl(newApp()).ping({ limit: 2 });
    expect([...nodes].sort()).toEqual(["a@here", "b@here"]);
  });

  it("hears only the destination, and stops waiting once it has answered", async () => {
    await startWorker("a@here");
    await startWorker("b@here");
    // An hour: only the limit, which is the number of destinations, can end this wait.
    const nodes = await createControl(newApp()).ping({ destination: ["b@here"], timeout: 3600 });
    expect(nodes).toEqual(["b@here"]);
  });

  it("chooses nodes by pattern, glob unless told otherwise", async () => {
    await startWorker("a@here");
    await startWorker("b@here");
    const control = createControl(newApp());
    expect(await control.ping({ pattern: "b@*", limit: 1 })).toEqual(["b@here"]);
    expect(await control.ping({ pattern: "^a@", matcher: "pcre", limit: 1 })).toEqual(["a@here"]);
  });

  it("answers with nothing once the timeout has passed and nobody is there", async () => {
    expect(await createControl(newApp()).ping({ timeout: 0.01 })).toEqual([]);
  });

  it("leaves no reply queue and no binding behind", async () => {
    await startWorker("a@here");
    const client = newApp();
    let address: { exchange: string; routingKey: string } | undefined;
    const seen = await newApp().broker.fanout?.listen(controlQueue("spy"), (message) => {
      address = decodeControlRequest(message).replyTo;
    });
    await createControl(client).ping({ limit: 1 });
    await seen?.[Symbol.asyncDispose]();
    expect(address?.exchange).toBe("reply.celery.pidbox");
    expect(store.targets(address?.exchange ?? "", address?.routingKey ?? "")).toEqual([]);
  });

  it("has bound the reply queue before the request goes out", async () => {
    let targets: readonly string[] = [];
    const spy = newApp();
    // The memory broker hands broadcasts out right after the call: what is bound then was bound before.
    await spy.broker.fanout?.listen(controlQueue("spy"), (message) => {
      const { replyTo } = decodeControlRequest(message);
      targets = store.targets(replyTo?.exchange ?? "", replyTo?.routingKey ?? "");
    });
    await createControl(newApp()).ping({ timeout: 0.01 });
    expect(targets).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.reply\.celery\.pidbox$/)]);
  });

  it("keeps replies of other requests apart", async () => {
    await answerAs("a@here", (request) => [
      encodeControlReply("a@here", { ok: "late" }, { ticket: "other", clock: 1 }),
      reply(request),
    ]);
    const replies = await createControl(newApp()).broadcast("ping", {}, { limit: 1 });
    expect([...replies]).toEqual([["a@here", { ok: "pong" }]]);
  });

  it("is still there for a reply that takes its time", async () => {
    const { broker } = newApp();
    await broker.fanout?.listen(controlQueue("slow@here"), (message) => {
      const { replyTo } = decodeControlRequest(message);
      // Later than anything the requester does of its own accord: several turns of the event loop.
      setTimeout(() => void broker.publish(reply(message), { ...routeOf(replyTo), exchangeType: "direct" }), 20);
    });
    expect(await createControl(newApp()).ping({ limit: 1, timeout: 3600 })).toEqual(["a@here"]);
  });

  it("warns when two workers share a node name", async () => {
    await startWorker("same@here");
    await startWorker("same@here");
    const entries: LogEntry[] = [];
    const replies = await createControl(newApp(entries)).broadcast("ping", {}, { limit: 2 });
    expect([...replies.keys()]).toEqual(["same@here"]);
    expect(entries.filter((entry) => entry.level === "warn").map((entry) => entry.fields)).toEqual([
      { node: "same@here" },
    ]);
  });

  it("does not wait for replies that nobody wants", async () => {
    const worker = await startWorker("a@here");
    await createControl(newApp()).shutdown({ destination: ["a@here"] });
    await worker.run(); // resolves once it has stopped
  });

  it("passes arguments on and hands back what the command said", async () => {
    await startWorker("a@here", (app) => void app.task("celery.own", () => 1));
    const control = createControl(newApp());
    const all = await control.broadcast("registered", { builtins: true }, { limit: 1 });
    expect(all.get("a@here")).toEqual(["celery.own"]);
    const unknown = await control.broadcast("no_such", {}, { limit: 1 });
    expect(unknown.get("a@here")).toEqual({ error: "KeyError('no_such')" });
  });

  it("refuses a broker that cannot reach everybody", async () => {
    const { fanout: _fanout, ...rest } = memoryBroker({ store });
    const app = createApp("deaf", { broker: rest });
    await expect(createControl(app).ping()).rejects.toMatchObject({ code: "CONTROL_UNSUPPORTED" });
  });

  it("refuses options that contradict each other, before anything is sent", async () => {
    const control = createControl(newApp());
    await expect(control.ping({ matcher: "glob" })).rejects.toMatchObject({ code: "CONTROL_OPTIONS" });
    await expect(control.ping({ pattern: "a", destination: ["b"] })).rejects.toMatchObject({ code: "CONTROL_OPTIONS" });
  });

  it("stops waiting when the signal aborts", async () => {
    const stop = new AbortController();
    const asked = createDeferred<void>();
    await newApp().broker.fanout?.listen(controlQueue("spy"), () => asked.resolve());
    const ping = createControl(newApp()).ping({ timeout: 3600, signal: stop.signal });
    await asked.promise;
    stop.abort(new Error("enough"));
    await expect(ping).rejects.toThrow("enough");
  });
});

describe("inspect", () => {
  it("shows what runs, what waits and what is held for its time", async () => {
    const started = createDeferred<void>();
    const release = createDeferred<void>();
    const worker = await startWorker("a@here", (app) => {
      app.task("tasks.hold", async () => {
        started.resolve();
        await release.promise;
      });
    });
    running.push({ [Symbol.asyncDispose]: async () => release.resolve() });
    const client = newApp();
    await client.send("tasks.hold", [1], { taskId: "one" });
    await started.promise;
    await client.send("tasks.hold", [2], { taskId: "later", countdown: 5 });
    await client.send("tasks.hold", [3], { taskId: "next" });
    const { inspect } = createControl(client);
    const limit = { limit: 1 };
    const active = await inspect.active(limit);
    expect(active.nodes.get("a@here")).toMatchObject([
      { id: "one", name: "tasks.hold", args: [1], hostname: "a@here", workerPid: process.pid },
    ]);
    await expect
      .poll(async () => (await inspect.scheduled(limit)).nodes.get("a@here"))
      .toMatchObject([{ request: { id: "later" }, eta: expect.stringMatching(/^\d{4}-/) }]);
    await expect.poll(async () => idsOf(await inspect.reserved(limit))).toContain("next");
    expect((await inspect.registered(limit)).nodes.get("a@here")).toEqual(["tasks.hold"]);
    expect((await inspect.stats(limit)).nodes.get("a@here")).toMatchObject({ pid: process.pid });
    expect((await inspect.activeQueues(limit)).nodes.get("a@here")).toEqual([
      { name: "celery", routingKey: "celery", exchange: { name: "celery", type: "direct" } },
    ]);
    release.resolve();
    await worker.stop();
    expect(idsOf(active)).toEqual(["one"]);
  });

  it("keeps nodes that could not answer apart from those that did", async () => {
    await answerAs("bad@here", (request) => [
      reply(request, "bad@here", { error: "no" }),
      reply(request, "odd@here", 7),
    ]);
    const result = await createControl(newApp()).inspect.active({ limit: 2 });
    expect([...result.nodes]).toEqual([]);
    expect(result.failures.get("bad@here")).toBe("no");
    expect(result.failures.has("odd@here")).toBe(true);
  });
});

function idsOf(inspection: Inspection<readonly RequestInfo[]>): readonly string[] {
  return (inspection.nodes.get("a@here") ?? []).map((request) => request.id);
}

function controlQueue(name: string): Parameters<NonNullable<App["broker"]["fanout"]>["listen"]>[0] {
  return { name, exchange: { name: "celery.pidbox", type: "fanout" }, routingKey: "" };
}

function reply(request: Message, node = "a@here", body: unknown = { ok: "pong" }): Message {
  const { ticket = "" } = decodeControlRequest(request);
  return encodeControlReply(node, body, { ticket, clock: 1 });
}

function routeOf(address: { readonly exchange: string; readonly routingKey: string } | undefined): {
  readonly exchange: string;
  readonly routingKey: string;
} {
  if (address === undefined) throw new Error("the request names no reply address");
  return address;
}

/** A node that answers whatever it is asked with the given messages. */
async function answerAs(node: string, answers: (request: Message) => readonly Message[]): Promise<void> {
  const { broker } = newApp();
  await broker.fanout?.listen(controlQueue(node), (message) => {
    const { replyTo } = decodeControlRequest(message);
    if (replyTo === undefined) return;
    for (const answer of answers(message)) void broker.publish(answer, { ...replyTo, exchangeType: "direct" });
  });
}
