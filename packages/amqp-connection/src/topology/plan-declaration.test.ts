import { readFileSync } from "node:fs";
import type { Queue } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { planDeclaration } from "./plan-declaration.js";

interface Recorded {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a Celery worker told RabbitMQ when it started. */
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../test/vectors/c526.amqp-worker-startup.json", import.meta.url), "utf8"),
).raw;

function last(method: string, name: string, key: string): Readonly<Record<string, unknown>> | undefined {
  return recorded.findLast((entry) => entry.method === method && entry.args[key] === name)?.args;
}

const control = { durable: false, autoDelete: true, expiresMs: 10_000, messageTtlMs: 300_000 } as const;
const nameLike = (ending: string): string =>
  String(
    recorded.find(({ args }) => String(args.queue).endsWith(ending) || String(args.queue).startsWith(ending))?.args
      .queue,
  );
const replies = nameLike(".reply.celery.pidbox");
const events = nameLike("celeryev.");

const queues: readonly Queue[] = [
  { name: "celery", exchange: { name: "celery", type: "direct" }, routingKey: "celery" },
  {
    name: "w1@peerhost.celery.pidbox",
    exchange: { name: "celery.pidbox", type: "fanout", durable: false },
    routingKey: "",
    ...control,
  },
  {
    name: replies,
    exchange: { name: "reply.celery.pidbox", type: "direct", durable: false },
    routingKey: replies.split(".")[0] ?? "",
    ...control,
  },
  {
    name: events,
    exchange: { name: "celeryev", type: "topic" },
    routingKey: "worker.#",
    durable: false,
    autoDelete: true,
    expiresMs: 60_000,
    messageTtlMs: 5_000,
  },
];

describe("planDeclaration", () => {
  it.each(queues.map((queue) => [queue.name, queue] as const))("declares %s as Celery does", (name, queue) => {
    const { exchange, queue: declared, binding } = planDeclaration(queue);
    expect(last("exchange.declare", queue.exchange.name, "exchange")).toMatchObject({
      exchange: exchange?.name,
      type: exchange?.type,
      durable: exchange?.durable,
      auto_delete: exchange?.autoDelete,
      arguments: exchange?.arguments,
    });
    expect(last("queue.declare", name, "queue")).toMatchObject({
      durable: declared.durable,
      exclusive: declared.exclusive,
      auto_delete: declared.autoDelete,
      arguments: declared.arguments,
    });
    expect(last("queue.bind", name, "queue")).toMatchObject({
      exchange: binding?.exchange,
      routing_key: binding?.routingKey,
      arguments: binding?.arguments,
    });
  });

  it("says all arguments of a queue in RabbitMQ's names", () => {
    const queue: Queue = {
      name: "q",
      exchange: { name: "e", type: "headers", arguments: { "alternate-exchange": "other" } },
      routingKey: "",
      maxPriority: 9,
      expiresMs: 1500.5,
      messageTtlMs: 2000,
      arguments: { "x-queue-type": "classic", "x-dead-letter-exchange": "dlx" },
    };
    const bound = { ...queue, bindingArguments: { "x-match": "all", format: "pdf" } };
    expect(planDeclaration(bound)).toMatchObject({
      exchange: { type: "headers", arguments: { "alternate-exchange": "other" } },
      queue: {
        arguments: {
          "x-queue-type": "classic",
          "x-dead-letter-exchange": "dlx",
          "x-max-priority": 9,
          "x-expires": 1500,
          "x-message-ttl": 2000,
        },
      },
      binding: { arguments: { "x-match": "all", format: "pdf" } },
    });
  });

  it("leaves the anonymous exchange and the server's own ones alone", () => {
    const own = { name: "q", routingKey: "k" };
    expect(planDeclaration({ ...own, exchange: { name: "", type: "direct" } })).toEqual({ queue: expect.anything() });
    const server = planDeclaration({ ...own, exchange: { name: "amq.topic", type: "topic" } });
    expect([server.exchange, server.binding?.exchange]).toEqual([undefined, "amq.topic"]);
  });
});
