import { describe, expect, it } from "vitest";
import { parseSettings } from "../settings/parse-settings.js";
import type { SettingsInput } from "../settings/settings.js";
import { type QueueTable, resolveQueues } from "./resolve-queues.js";
import { selectQueues } from "./select-queues.js";

function tableOf(input: SettingsInput): QueueTable {
  return resolveQueues(parseSettings(input).settings, { newId: () => "id" });
}

/** `[name, exchange, type, routing key]` */
function shapes(table: QueueTable): readonly (readonly string[])[] {
  return table.declared.map((queue) => [queue.name, queue.exchange.name, queue.exchange.type, queue.routingKey]);
}

describe("resolveQueues", () => {
  // Facts: app.amqp.queues of Celery 5.6.3 for the same settings.
  it.each<[SettingsInput, readonly (readonly string[])[]]>([
    [{}, [["celery", "celery", "direct", "celery"]]],
    [{ taskDefaultQueue: "d" }, [["d", "d", "direct", "d"]]],
    [
      { taskDefaultQueue: "d", taskDefaultExchange: "e", taskDefaultRoutingKey: "r", taskDefaultExchangeType: "topic" },
      [["d", "e", "topic", "r"]],
    ],
    [
      {
        taskQueues: {
          q1: {},
          q2: { exchange: "e2", exchange_type: "topic", routing_key: "a.#" },
          q3: { binding_key: "bk" },
          q7: { exchange: "", exchange_type: "topic" },
        },
      },
      [
        ["q1", "celery", "direct", "q1"],
        ["q2", "e2", "topic", "a.#"],
        ["q3", "celery", "direct", "bk"],
        ["q7", "celery", "direct", "q7"],
      ],
    ],
    [
      {
        taskQueues: { q1: {} },
        taskDefaultExchange: "DE",
        taskDefaultExchangeType: "topic",
        taskDefaultRoutingKey: "DR",
      },
      [["q1", "DE", "topic", "q1"]],
    ],
    [
      {
        taskDefaultQueue: "default",
        taskQueues: [
          { name: "shouts", broadcast: true },
          { name: "fan", exchange: { name: "fan", type: "fanout" }, routingKey: "" },
        ],
      },
      [
        ["bcast.id", "shouts", "fanout", "default"],
        ["fan", "fan", "fanout", "default"],
      ],
    ],
  ])("declares for %j what Celery declares", (input, expected) => {
    expect(shapes(tableOf(input))).toEqual(expected);
  });

  it.each<[string, SettingsInput, object]>([
    [
      "durability",
      { taskQueues: { q: { exchange: "e", durable: false, auto_delete: true } } },
      { durable: false, autoDelete: true, exchange: { durable: false, autoDelete: true } },
    ],
    [
      "its own durability",
      { taskQueues: { q: { exchange: "e", durable: true, exchange_durable: false } } },
      { durable: true, exchange: { durable: false } },
    ],
    [
      "times in milliseconds",
      { taskQueues: { q: { expires: 10, message_ttl: 3 } } },
      { expiresMs: 10_000, messageTtlMs: 3000 },
    ],
    [
      "its own priority over the common one",
      { taskQueueMaxPriority: 9, taskQueues: { q: { max_priority: 5 } } },
      { maxPriority: 5 },
    ],
    [
      "an argued priority over the common one",
      { taskQueueMaxPriority: 9, taskQueues: { q: { queue_arguments: { "x-max-priority": 3 } } } },
      { maxPriority: 3 },
    ],
    ["the common priority", { taskQueueMaxPriority: 9, taskQueues: { q: {} } }, { maxPriority: 9 }],
    [
      "limits as arguments",
      { taskQueues: { q: { max_length: 5, queueArguments: { "x-a": 1 } } } },
      { arguments: { "x-a": 1, "x-max-length": 5 } },
    ],
    [
      "a queue value as it is",
      {
        taskQueues: [
          { name: "q", exchange: { name: "e", type: "topic", arguments: { a: 1 } }, routingKey: "k", expiresMs: 5 },
        ],
      },
      { name: "q", exchange: { name: "e", type: "topic", arguments: { a: 1 } }, routingKey: "k", expiresMs: 5 },
    ],
  ])("keeps %s", (_, input, expected) => {
    expect(tableOf(input).declared[0]).toMatchObject(expected);
  });

  it("makes missing queues of their own name, once", () => {
    const table = tableOf({ taskQueueMaxPriority: 10 });
    const made = table.get("x");
    expect(made).toEqual({ name: "x", exchange: { name: "x", type: "direct" }, routingKey: "x", maxPriority: 10 });
    expect(table.get("x")).toBe(made);
    expect(table.has("x")).toBe(false);
    expect(table.declared.map(({ name }) => name)).toEqual(["celery"]);
  });

  it("makes them of the type and exchange type asked for", () => {
    const table = tableOf({ taskCreateMissingQueueType: "quorum", taskCreateMissingQueueExchangeType: "topic" });
    expect(table.get("x")).toMatchObject({
      exchange: { name: "x", type: "topic" },
      arguments: { "x-queue-type": "quorum" },
    });
    expect(table.get("celery").arguments).toBeUndefined();
    expect(tableOf({ taskDefaultQueueType: "quorum" }).get("celery").arguments).toEqual({ "x-queue-type": "quorum" });
  });

  it("finds a broadcast by the name it was declared under", () => {
    const table = tableOf({ taskQueues: { shouts: { broadcast: true } } });
    expect(table.get("shouts")).toBe(table.get("bcast.id"));
    expect(table.get("shouts")).toMatchObject({ autoDelete: true });
    expect(table.entry("shouts").isBroadcast).toBe(true);
  });

  it("refuses a queue that may not be made, naming the declared ones", () => {
    const table = tableOf({ taskCreateMissingQueues: false, taskQueues: ["a", "b"] });
    expect(table.get("a").name).toBe("a");
    expect(() => table.get("celery")).toThrow(
      expect.objectContaining({ code: "QUEUE_NOT_FOUND", message: expect.stringContaining('(declared: "a", "b")') }),
    );
  });

  it("reports everything wrong in the queues at once", () => {
    const taskQueues = JSON.parse(
      '{"a": {"exchange_typ": "topic"}, "b": {"durable": "yes", "exchange_type": "ring"}, "c": 5}',
    ) as never;
    expect(() => tableOf({ taskQueues })).toThrow(
      expect.objectContaining({
        issues: [
          { key: "taskQueues.a.exchange_typ", message: "A queue has no such member. Did you mean exchangeType?" },
          { key: "taskQueues.b.durable", message: "must be true or false." },
          { key: "taskQueues.b.exchange_type", message: 'must be "direct", "topic", "fanout" or "headers".' },
          { key: "taskQueues.c", message: "must be a queue or a record." },
        ],
      }),
    );
    expect(() => tableOf({ taskQueues: [{ exchange: "e" }] })).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ key: "taskQueues[0]" })] }),
    );
  });
});

describe("selectQueues", () => {
  const { settings } = parseSettings({ taskQueues: ["a", "b", { name: "shouts", broadcast: true }] });
  const strict = parseSettings({ taskQueues: ["a"], taskCreateMissingQueues: false }).settings;
  const names = (...selection: Parameters<typeof selectQueues>[1][]) =>
    selectQueues(settings, selection[0], { newId: () => "id" }).map(({ name }) => name);

  it.each([
    [{}, ["a", "b", "bcast.id"]],
    [{ queues: [] }, ["a", "b", "bcast.id"]],
    [{ queues: ["b"] }, ["b"]],
    [{ queues: ["b", "b", "new"] }, ["b", "new"]],
    [{ exclude: ["b"] }, ["a", "bcast.id"]],
    [{ exclude: ["shouts"] }, ["a", "b"]],
    [{ queues: ["a", "b"], exclude: ["a", "unknown"] }, ["b"]],
    [{ queues: ["shouts"] }, ["bcast.id"]],
  ])("of %j is %j", (selection, expected) => {
    expect(names(selection)).toEqual(expected);
  });

  it("refuses a queue that may not be made", () => {
    expect(() => selectQueues(strict, { queues: ["b"] })).toThrow(expect.objectContaining({ code: "QUEUE_NOT_FOUND" }));
    expect(selectQueues(strict, { exclude: ["b"] }).map(({ name }) => name)).toEqual(["a"]);
  });
});
