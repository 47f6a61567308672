import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.js";
import { parseSettings } from "../settings/parse-settings.js";
import type { RouteFunction } from "../settings/routes-setting.js";
import type { SettingsInput } from "../settings/settings.js";
import { createRouter, type Router } from "./create-router.js";
import type { RoutingOptions } from "./routing-options.js";

function routerOf(input: SettingsInput): Router {
  return createRouter(parseSettings(input).settings);
}

/** `[exchange, routing key, declared queue]`, as Python's producer was called. */
type Sent = readonly [exchange: string, routingKey: string, declared?: string];

function sentBy(router: Router, name: string, options: RoutingOptions): Sent {
  const { route } = router.route({ name, options });
  const sent = [route.exchange, route.routingKey] as const;
  return route.queue === undefined ? sent : [...sent, route.queue.name];
}

/* What Celery 5.6.3 hands to its producer for the same settings and calls (app.amqp.router.route, send_task_message). */

const NO_ROUTES: readonly (readonly [RoutingOptions, Sent])[] = [
  [{}, ["", "celery", "celery"]],
  [{ queue: "other" }, ["", "other", "other"]],
  [{ exchange: "x" }, ["", "celery", "celery"]],
  [{ exchange: "x", routingKey: "k" }, ["x", "k", "celery"]],
  [{ exchange: "x", routing_key: "k" }, ["x", "k", "celery"]],
  [{ routingKey: "k" }, ["", "celery", "celery"]],
  [{ exchange: "x", routingKey: "k", exchangeType: "topic" }, ["x", "k", "celery"]],
  [{ exchange: "x", exchange_type: "topic" }, ["x", "", "celery"]],
  [{ queue: "other", exchange: "x", routingKey: "k" }, ["x", "k", "other"]],
  [{ queue: null }, ["", "celery", "celery"]],
  [{ queue: "" }, ["", "celery", "celery"]],
  [{ exchange: "x", exchangeType: "fanout" }, ["x", "", "celery"]],
  [{ exchangeType: "topic" }, ["celery", "celery", "celery"]],
];

const TABLE = {
  "feed.tasks.*": { queue: "feeds" },
  "feed.tasks.import": "imports",
  "video.*": { queue: "media", priority: 7, serializer: "yaml" },
  "a.x": { exchange: "media", routing_key: "m.k" },
  "a.z": { routing_key: "rk" },
  "a.empty": {},
  "a.t": { exchange: "media", exchange_type: "topic", routing_key: "t.k" } as const,
  "w?b": "single",
  "w[ab]*": "cls",
  "a.s": "",
  "a.q": { queue: "q1", routing_key: "rr" },
  "a.qq": { queue: "q1", routing_key: "rr", exchange: "ee" },
};

const WITH_TABLE: readonly (readonly [string, RoutingOptions, Sent])[] = [
  ["feed.tasks.x", {}, ["", "feeds", "feeds"]],
  ["feed.tasks.import", {}, ["", "imports", "imports"]],
  ["feed.task", {}, ["", "celery", "celery"]],
  ["video.enc", {}, ["", "media", "media"]],
  ["a.x", {}, ["media", "m.k"]],
  ["a.z", {}, ["", "celery", "celery"]],
  ["a.empty", {}, ["", "celery", "celery"]],
  ["a.t", {}, ["media", "t.k"]],
  ["w?b", {}, ["", "single", "single"]],
  ["wxb", {}, ["", "celery", "celery"]],
  ["wax", {}, ["", "cls", "cls"]],
  ["a.s", {}, ["", "celery", "celery"]],
  ["a.q", {}, ["", "q1", "q1"]],
  ["a.qq", {}, ["ee", "rr", "q1"]],
  ["video.e", { queue: "mine" }, ["", "mine", "mine"]],
  ["a.x", { queue: "mine" }, ["media", "m.k", "mine"]],
  ["a.qq", { queue: "mine" }, ["ee", "rr", "mine"]],
  ["a.empty", { queue: "mine" }, ["", "mine", "mine"]],
  ["a.x", { routingKey: "z" }, ["media", "z"]],
  ["a.q", { exchange: "ee" }, ["ee", "rr", "q1"]],
];

const QUEUES: SettingsInput = {
  taskDefaultQueue: "default",
  taskQueues: [
    { name: "default", exchange: "default", routingKey: "default" },
    { name: "feeds", exchange: { name: "feeds", type: "topic" }, routingKey: "feed.#" },
    { name: "shouts", broadcast: true },
    { name: "transient", exchange: "transient", deliveryMode: 1 },
    "bare",
    { name: "fan", exchange: { name: "fan", type: "fanout" }, routingKey: "" },
  ],
};

const WITH_QUEUES: readonly (readonly [RoutingOptions, Sent])[] = [
  [{}, ["", "default", "default"]],
  [{ queue: "feeds" }, ["feeds", "feed.#", "feeds"]],
  [{ queue: "feeds", routingKey: "feed.now" }, ["feeds", "feed.now", "feeds"]],
  [{ queue: "shouts" }, ["shouts", "default"]],
  [{ queue: "transient" }, ["", "transient", "transient"]],
  [{ queue: "bare" }, ["", "bare", "bare"]],
  [{ queue: "fan" }, ["fan", "default", "fan"]],
  [{ queue: "new" }, ["", "new", "new"]],
  [{ queue: "feeds", exchange: "e2" }, ["e2", "", "feeds"]],
  [{ exchange: "e2", routingKey: "r2" }, ["e2", "r2", "default"]],
  [{ queue: "feeds", exchangeType: "direct" }, ["", "feeds", "feeds"]],
];

describe("a call goes where Celery sends it", () => {
  it.each(NO_ROUTES)("without routes, options %j", (options, sent) => {
    expect(sentBy(routerOf({}), "a", options)).toEqual(sent);
  });

  it.each(WITH_TABLE)("by a table of routes: %s, options %j", (name, options, sent) => {
    expect(sentBy(routerOf({ taskRoutes: TABLE }), name, options)).toEqual(sent);
  });

  it.each(WITH_QUEUES)("with declared queues, options %j", (options, sent) => {
    expect(sentBy(routerOf(QUEUES), "a", options)).toEqual(sent);
  });

  it.each([
    ["video.a", "media"],
    ["my.video.a", "celery"],
    ["image.", "media"],
    ["web.x", "web"],
    ["wob", "w"],
    ["web.exact", "exact"],
    ["ow", "celery"],
  ])("by regular expressions: %s to %s", (name, queue) => {
    const pairs = [
      [/(video|image)\..*/g, { queue: "media" }],
      ["web.*", { queue: "web" }],
      [/w/, { queue: "w" }],
      ["web.exact", "exact"],
    ] as const;
    for (const taskRoutes of [pairs, [pairs], new Map<RegExp | string, string | { queue: string }>(pairs)]) {
      const router = routerOf({ taskRoutes });
      expect(sentBy(router, name, {})).toEqual(["", queue, queue]);
      expect(sentBy(router, name, { queue: "again" })).toEqual(["", "again", "again"]);
    }
  });

  it.each([
    ["fn.x", "fn"],
    ["tbl", "tbl"],
    ["s.x", "before"],
    ["s.y", "str"],
    ["e.x", "celery"],
    ["z", "z"],
    ["none", "celery"],
  ])("by a list of routers: %s to %s", (name, queue) => {
    const taskRoutes = [
      (task: string) => (task.startsWith("fn") ? { queue: "fn" } : null),
      { "fn.x": "never", tbl: "tbl", "s.x": "before" },
      (task: string) => (task.startsWith("s") ? "str" : undefined),
      (task: string) => (task.startsWith("e") ? {} : null),
      { "e.x": "never", z: "z" },
    ];
    expect(sentBy(routerOf({ taskRoutes }), name, {})).toEqual(["", queue, queue]);
  });
});

describe("priority, delivery mode and further options", () => {
  const router = routerOf({ ...QUEUES, taskRoutes: TABLE });

  it.each<[string, RoutingOptions, number | undefined]>([
    ["video.e", {}, 7],
    ["video.e", { priority: 1 }, 1],
    ["video.e", { priority: 0 }, 0],
    ["video.e", { priority: null }, 7],
    ["video.e", { queue: "mine" }, 7],
    ["other", {}, undefined],
    ["other", { priority: 2 }, 2],
  ])("%s with %j has priority %s", (name, options, priority) => {
    expect(router.route({ name, options }).priority).toBe(priority);
  });

  it.each<[RoutingOptions, 1 | 2]>([
    [{}, 2],
    [{ queue: "transient" }, 1],
    [{ queue: "transient", deliveryMode: 2 }, 2],
    [{ delivery_mode: 1 }, 1],
  ])("%j is delivered in mode %d", (options, mode) => {
    expect(router.route({ name: "other", options }).deliveryMode).toBe(mode);
  });

  it("says the type of a named exchange", () => {
    expect(router.route({ name: "other", options: { queue: "feeds" } }).route.exchangeType).toBe("topic");
    expect(
      router.route({ name: "other", options: { exchange: { name: "e", type: "topic" }, routingKey: "k" } }).route,
    ).toMatchObject({
      exchange: "e",
      exchangeType: "topic",
    });
  });

  it("lays the call's options over what else a route says", () => {
    const calls: readonly [RoutingOptions & { serializer?: string | undefined; countdown?: number }, object][] = [
      [{ countdown: 1 }, { serializer: "yaml", countdown: 1 }],
      [{ serializer: "json" }, { serializer: "json" }],
      [{ serializer: undefined }, { serializer: "yaml" }],
    ];
    for (const [options, merged] of calls) expect(router.route({ name: "video.e", options }).options).toEqual(merged);
  });
});

describe("route functions", () => {
  it("hear of the call", () => {
    const heard: unknown[] = [];
    const spy: RouteFunction = (...all) => {
      heard.push(all);
      return null;
    };
    const router = routerOf({ taskRoutes: spy });
    router.route({ name: "t", args: [1], kwargs: { a: 2 }, options: { priority: 3 }, task: "T" });
    expect(heard).toEqual([["t", [1], { a: 2 }, { priority: 3 }, "T"]]);
  });

  it("are asked on every call, but not when an earlier table has the answer", () => {
    let asked = 0;
    const router = routerOf({
      taskRoutes: [
        { known: "q" },
        () => {
          asked += 1;
          return `q${asked}`;
        },
      ],
    });
    expect(sentBy(router, "known", {})[1]).toBe("q");
    expect(asked).toBe(0);
    expect([sentBy(router, "t", {})[1], sentBy(router, "t", {})[1]]).toEqual(["q1", "q2"]);
  });

  it("that answer nonsense are named in the error", () => {
    const byTenant = (): never => JSON.parse('{"queue": 5}') as never;
    expect(() => routerOf({ taskRoutes: byTenant }).route({ name: "t" })).toThrow(
      expect.objectContaining({
        code: "ROUTE_INVALID",
        message: 'byTenant gave a wrong route for task "t": it queue must be a name or a queue.',
      }),
    );
  });
});

describe("routes that cannot work", () => {
  it("are all reported when the router is made", () => {
    const taskRoutes = JSON.parse('[{"a": 1, "b": {"priority": 300}}, {"c.*": {"exchange_type": "ring"}}, 5]') as never;
    expect(() => routerOf({ taskRoutes })).toThrow(
      expect.objectContaining({
        issues: [
          { key: 'taskRoutes[0]["a"]', message: expect.stringContaining("must be the name of a queue") },
          { key: 'taskRoutes[0]["b"]', message: "priority must be a whole number from 0 to 255." },
          { key: 'taskRoutes[1]["c.*"]', message: "exchange_type must be direct, topic, fanout or headers." },
          { key: "taskRoutes[2]", message: expect.stringContaining("must be a record of routes") },
        ],
      }),
    );
  });

  it("to undeclared queues are reported when none may be made", () => {
    const input: SettingsInput = { ...QUEUES, taskCreateMissingQueues: false };
    expect(() => routerOf({ ...input, taskRoutes: { a: "feds", b: "shouts" } })).toThrow(ConfigError);
    const router = routerOf({ ...input, taskRoutes: { b: "shouts" } });
    expect(() => router.route({ name: "a", options: { queue: "feds" } })).toThrow(
      expect.objectContaining({
        code: "QUEUE_NOT_FOUND",
        message: expect.stringMatching(/Queue "feds" is not declared .*"feeds".* Did you mean "feeds"\?/),
      }),
    );
  });

  it("to a direct exchange without queue or routing key are refused, where Celery loses the message", () => {
    const router = routerOf({ taskRoutes: { a: { exchange: "media" } } });
    expect(() => router.route({ name: "a" })).toThrow(expect.objectContaining({ code: "ROUTE_INVALID" }));
    expect(sentBy(router, "a", { routingKey: "k" })).toEqual(["media", "k"]);
  });
});

describe("remembered routes", () => {
  it("do not fail a call that names a queue where the default queue may not be made", () => {
    const router = routerOf({ taskQueues: ["a"], taskCreateMissingQueues: false });
    expect(sentBy(router, "t", { queue: "a" })).toEqual(["", "a", "a"]);
    expect(() => router.route({ name: "t" })).toThrow(expect.objectContaining({ code: "QUEUE_NOT_FOUND" }));
    expect(sentBy(router, "t", { queue: "a" })).toEqual(["", "a", "a"]);
  });

  it("are the same value for the same task, and frozen", () => {
    const router = routerOf({ taskRoutes: TABLE });
    const first = router.route({ name: "video.e" });
    expect(router.route({ name: "video.e" })).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
    expect(router.route({ name: "video.e", options: { priority: 1 } }).route).toBe(first.route);
    expect(router.route({ name: "a", options: { queue: "new" } }).route.queue).toBe(router.queues.get("new"));
  });

  it("stay right beyond the number that is remembered", () => {
    const router = routerOf({ taskRoutes: { "odd.*": "odd" } });
    for (let index = 0; index < 25_000; index += 1) {
      const name = `${index % 2 === 0 ? "even" : "odd"}.${index}`;
      if (router.route({ name }).route.routingKey !== (index % 2 === 0 ? "celery" : "odd")) expect.unreachable(name);
    }
  });
});
