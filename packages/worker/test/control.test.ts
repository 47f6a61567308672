import type { Message } from "@celeriac/core";
import { createDeferred, encodeControlRequest } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { settle } from "./support/fake-clock.js";
import { listening, NODE } from "./support/listening.js";
import { createStage } from "./support/stage.js";
import { wrapBroker } from "./support/wrap-broker.js";

describe("remote control", () => {
  it("answers ping, and only when it is meant", async () => {
    const { ask } = await listening(createStage());
    expect(await ask("ping")).toEqual([{ ok: "pong" }]);
    expect(await ask("ping", {}, { destination: [NODE] })).toEqual([{ ok: "pong" }]);
    expect(await ask("ping", {}, { destination: ["other@test"] })).toEqual([]);
    expect(await ask("ping", {}, { pattern: "w*", matcher: "glob" })).toEqual([{ ok: "pong" }]);
    expect(await ask("ping", {}, { pattern: "x*", matcher: "glob" })).toEqual([]);
  });

  it("shows active, reserved and scheduled tasks, each in one place", async () => {
    const stage = createStage();
    const gate = createDeferred<void>();
    const task = stage.app.task("t", (_n: number) => gate.promise);
    const { ask, worker } = await listening(stage, 1);
    const [active, reserved] = [await task.delay(1), await task.delay(2)];
    const held = await task.call([3], { countdown: 5 });
    await settle();
    const info = { name: "t", type: "t", hostname: worker.hostname, kwargs: {}, acknowledged: false };
    expect(await ask("active")).toMatchObject([
      [
        {
          ...info,
          id: active.id,
          args: [1],
          acknowledged: true,
          worker_pid: process.pid,
          time_start: expect.any(Number),
          delivery_info: { exchange: "", routing_key: "celery", priority: 0, redelivered: false },
        },
      ],
    ]);
    expect(await ask("reserved")).toMatchObject([[{ ...info, id: reserved.id, time_start: null, worker_pid: null }]]);
    expect(await ask("scheduled")).toMatchObject([
      [{ eta: expect.stringMatching(/^\d{4}-.*\+00:00$/), priority: 6, request: { ...info, id: held.id } }],
    ]);
    gate.resolve();
  });

  it("shows where a message was published, and that it came again", async () => {
    const stage = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onConsumer: (consumer) => ({
            setPrefetch: (count) => consumer.setPrefetch(count),
            [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
            async *[Symbol.asyncIterator]() {
              const origin = { exchange: "news", routingKey: "sport.chess", redelivered: true };
              for await (const batch of consumer) yield batch.map((delivery) => ({ ...delivery, ...origin }));
            },
          }),
        }),
    });
    const gate = createDeferred<void>();
    const task = stage.app.task("t", () => gate.promise);
    const { ask } = await listening(stage);
    await task.call([], { priority: 5 });
    await settle();
    const info = { exchange: "news", routing_key: "sport.chess", priority: 5, redelivered: true };
    expect(await ask("active")).toMatchObject([[{ delivery_info: info }]]);
    gate.resolve();
  });

  it("tells its settings, without secrets", async () => {
    const stage = createStage({ config: { taskAcksLate: true, brokerUrl: "redis://:hunter2@host/0" } });
    const { ask } = await listening(stage);
    const [changed] = await ask("conf");
    expect(changed).toMatchObject({ task_acks_late: true, timezone: expect.anything(), include: [] });
    expect(changed).not.toHaveProperty("task_track_started");
    expect(JSON.stringify(changed)).not.toContain("hunter2");
    const [all] = await ask("conf", { with_defaults: true });
    expect(all).toHaveProperty("task_track_started", false);
  });

  it("hides arguments of sensitive tasks", async () => {
    const stage = createStage();
    const gate = createDeferred<void>();
    const task = stage.app.task("login", { sensitive: true }, (_password: string) => gate.promise);
    const { ask } = await listening(stage);
    await task.delay("hunter2");
    await settle();
    expect(JSON.stringify(await ask("active"))).not.toContain("hunter2");
    gate.resolve();
  });

  it("lists registered tasks and queues, and its figures", async () => {
    const stage = createStage();
    const task = stage.app.task("b", () => 1);
    stage.app.task("a", () => 1);
    const { ask } = await listening(stage);
    await task.delay().get({ timeout: "5s" });
    expect(await ask("registered")).toEqual([["a", "b"]]);
    expect(await ask("active_queues")).toMatchObject([[{ name: "celery", routing_key: "celery", no_ack: false }]]);
    expect(await ask("stats")).toMatchObject([
      {
        total: { b: 1 },
        pid: process.pid,
        pool: { implementation: "celeriac:async", "max-concurrency": 4 },
        broker: { transport: "memory" },
        prefetch_count: 16,
        uptime: expect.any(Number),
        rusage: { maxrss: expect.any(Number) },
      },
    ]);
  });

  it("shows the attributes of tasks that are asked for, and no others", async () => {
    const stage = createStage();
    stage.app.task("a", { exchange: "ex", routingKey: "rk", queue: "q", params: ["x"] }, (_x: number) => 1);
    stage.app.task("b", () => 1);
    const { ask } = await listening(stage);
    expect(await ask("registered")).toEqual([["a [exchange=ex routing_key=rk]", "b"]]);
    const items = ["name", "queue", "params", "constructor", "__proto__"];
    expect(await ask("registered", { taskinfoitems: items })).toEqual([["a [name=a queue=q]", "b [name=b]"]]);
  });

  it("finds tasks by id, where they are, and knows nothing of others", async () => {
    const stage = createStage();
    const gate = createDeferred<void>();
    const task = stage.app.task("t", (_n: number) => gate.promise);
    const { ask } = await listening(stage, 1);
    const [active, reserved, held] = [await task.delay(1), await task.delay(2), await task.call([3], { countdown: 5 })];
    await settle();
    const ids = [active.id, reserved.id, held.id, "unknown"];
    expect(await ask("query_task", { ids })).toEqual([
      {
        [active.id]: ["active", expect.objectContaining({ id: active.id, args: [1] })],
        [reserved.id]: ["reserved", expect.objectContaining({ id: reserved.id, args: [2] })],
      },
    ]);
    gate.resolve();
  });

  it("advances its clock past those it hears of", async () => {
    const { ask } = await listening(createStage());
    const [first] = await ask("clock");
    const [second] = await ask("clock");
    expect(first).toEqual({ clock: 2 });
    expect(second).toEqual({ clock: 4 });
  });

  it("reports its settings without their secrets", async () => {
    const stage = createStage({ config: { brokerUrl: "redis://user:hunter2@localhost/0" } });
    const { ask } = await listening(stage);
    const [report] = await ask("report");
    expect(report).toEqual({ ok: expect.stringContaining("broker_url") });
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  it.each(["no_such", "constructor", "__proto__", "toString"])("answers %s as unknown", async (method) => {
    const { ask } = await listening(createStage());
    expect(await ask(method)).toEqual([{ error: `KeyError('${method}')` }]);
  });

  it("stops warmly on shutdown, without an answer", async () => {
    const { ask, worker } = await listening(createStage());
    expect(await ask("shutdown")).toEqual([]);
    await worker.run();
  });

  it("says nothing when no answer is wanted", async () => {
    const stage = createStage();
    const { ask } = await listening(stage);
    const publish = vi.spyOn(stage.broker, "publish");
    const plain = encodeControlRequest(
      { method: "ping", arguments: {}, destination: null, pattern: null, matcher: null },
      { clock: 1, expires: 0 },
    );
    await stage.broker.fanout?.broadcast(plain, "celery.pidbox", "");
    await settle();
    expect(publish).not.toHaveBeenCalled();
    expect(await ask("ping")).toEqual([{ ok: "pong" }]);
  });

  it("does not keep a shutdown waiting while its subscription is not answered", async () => {
    const stage = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          overrides: { fanout: { broadcast: async () => undefined, listen: () => new Promise(() => undefined) } },
        }),
    });
    const worker = await stage.work({ remoteControl: true });
    await worker.stop();
    expect(stage.log.count("did not close in time")).toBe(0);
  });

  const json = (text: string, headers: Record<string, unknown> = {}): Message => ({
    body: new TextEncoder().encode(text),
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers,
    properties: {},
  });
  it.each<[string, Message]>([
    ["not JSON", json("{")],
    ["no object", json("[1]")],
    ["no method", json('{"arguments": {}}')],
    ["a method that is no text", json('{"method": {"toString": 1}}')],
    ["arguments that are a list", json('{"method": "ping", "arguments": [1]}')],
    [
      "a reply address that is a task queue",
      json('{"method":"ping","ticket":"t","reply_to":{"exchange":"","routing_key":"celery"}}'),
    ],
    ["a pattern that takes for ever", json('{"method":"ping","pattern":"(a+)+$","matcher":"pcre"}')],
    ["pickle", { ...json("{}"), contentType: "application/x-python-serialize" }],
    ["a clock beyond counting", json('{"method": "no_such"}', { clock: 2 ** 64 })],
  ])("G22: outlives %s", async (_name, message) => {
    const stage = createStage();
    const { ask } = await listening(stage);
    await stage.broker.fanout?.broadcast(message, "celery.pidbox", "");
    expect(await ask("ping")).toEqual([{ ok: "pong" }]);
    expect(stage.store.length("celery")).toBe(0);
  });
});
