import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  delayKey,
  deliveryExchange,
  directBindingKey,
  entryExchange,
  MAX_DELAY_S,
  planDelayLevels,
  topicBindingKey,
} from "./delay-topology.js";

interface Recorded {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a Celery worker with quorum queues told RabbitMQ when it started. */
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../test/vectors/c562.amqp-delayed-startup.json", import.meta.url), "utf8"),
).raw;
const isDelayed = ({ args }: Recorded): boolean => JSON.stringify(args).includes("celery_delayed_");
const of = (method: string): readonly Readonly<Record<string, unknown>>[] =>
  recorded.filter((entry) => entry.method === method && isDelayed(entry)).map(({ args }) => args);

const options = { queueType: "quorum", prefix: "" } as const;
const levels = planDelayLevels(options);

describe("planDelayLevels", () => {
  it("declares the queues of Celery", () => {
    const theirs = of("queue.declare").map(({ queue, arguments: given }) => [queue, given]);
    expect(levels.map((level) => [level.name, level.arguments])).toEqual(theirs);
  });

  it("binds them as Celery does", () => {
    const queues = of("queue.bind").map(({ queue, exchange, routing_key }) => [queue, exchange, routing_key]);
    expect(levels.map(({ name, queueKey }) => [name, name, queueKey])).toEqual(queues);
    const exchanges = of("exchange.bind")
      .filter(({ source }) => source !== deliveryExchange(""))
      .map(({ destination, source, routing_key }) => [destination, source, routing_key]);
    expect(levels.map(({ next, name, passKey }) => [next, name, passKey])).toEqual(exchanges);
  });

  it("joins an exchange with the key of Celery", () => {
    const joined = of("exchange.bind").find(({ source }) => source === deliveryExchange(""));
    expect(joined).toMatchObject({ destination: "later", routing_key: topicBindingKey("later") });
    expect(topicBindingKey("#.x")).toBe("#.x");
  });

  it("puts a prefix in front of every name", () => {
    const [first, ...others] = planDelayLevels({ queueType: "classic", prefix: "shop" });
    expect(first).toMatchObject({ name: "shop_celery_delayed_27", next: "shop_celery_delayed_26" });
    expect(others.at(-1)?.next).toBe("shop_celery_delayed_delivery");
    expect(entryExchange("shop")).toBe("shop_celery_delayed_27");
    expect(first?.arguments).not.toHaveProperty("x-dead-letter-strategy");
  });
});

describe("delayKey", () => {
  it("is the delay in 28 binary digits, in front of the key", () => {
    expect(delayKey(5, "later")).toBe(`${"0.".repeat(25)}1.0.1.later`);
    expect(delayKey(MAX_DELAY_S, "a.b")).toBe(`${"1.".repeat(28)}a.b`);
  });

  it("leads through queues whose times add up to the delay, and then to the queue alone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_DELAY_S }),
        fc.stringMatching(/^[a-z]+(\.[a-z]+)?$/),
        (delayS, name) => {
          const key = delayKey(delayS, name);
          let waitedS = 0;
          let exchange = entryExchange("");
          for (const level of levels) {
            expect(exchange).toBe(level.name);
            const waits = matches(level.queueKey, key);
            expect(matches(level.passKey, key)).toBe(!waits);
            if (waits) waitedS += Number(level.arguments["x-message-ttl"]) / 1000;
            exchange = level.next;
          }
          expect([waitedS, exchange]).toEqual([delayS, deliveryExchange("")]);
          expect(matches(directBindingKey(name), key)).toBe(true);
          expect(matches(directBindingKey(`other.${name}`), key)).toBe(false);
          expect(matches(directBindingKey("zz"), delayKey(delayS, `${name}.zz`))).toBe(false);
        },
      ),
    );
  });
});

/** A topic exchange's rule: `*` is one word, `#` any number. */
function matches(pattern: string, key: string): boolean {
  const source = pattern
    .split(".")
    .map((word) => (word === "*" ? "[^.]+" : word === "#" ? "#" : word))
    .join("\\.")
    .replace(/\\\.#$/, "(?:\\.[^.]+)*");
  return new RegExp(`^${source}$`).test(key);
}
