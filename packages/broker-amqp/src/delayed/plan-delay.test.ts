import type { Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";
import { MAX_DELAY_S } from "./delay-topology.js";
import { delayOf, planDelay } from "./plan-delay.js";

const NOW = Date.parse("2030-01-01T00:00:00Z");

function message(eta: unknown): Message {
  return { body: new Uint8Array(), contentType: "", contentEncoding: "", headers: { eta }, properties: {} };
}

function queueOn(type: "direct" | "topic" | "fanout" | "headers", routingKey = "key"): Queue {
  return { name: "q", exchange: { name: "e", type }, routingKey };
}

describe("delayOf", () => {
  it.each([
    ["2030-01-01T00:00:05.999999+00:00", 5],
    ["2030-01-01T05:30:02+05:30", 2],
    ["2030-01-01T00:00:02", 2],
    ["2030-01-01T00:00:00.999+00:00", 0],
    ["2029-12-31T00:00:00+00:00", 0],
    ["2100-01-01T00:00:00+00:00", MAX_DELAY_S],
    ["soon", 0],
    [null, 0],
    [5, 0],
  ])("of eta %s is %i s", (eta, delayS) => {
    expect(delayOf(message(eta), NOW)).toBe(delayS);
  });
});

describe("planDelay", () => {
  it("goes to the queue by its name, from the anonymous and from a direct exchange", () => {
    const anonymous = { exchange: "", routingKey: "q" };
    const direct = { exchange: "e", routingKey: "key" };
    expect(planDelay(anonymous)).toEqual({ ...anonymous, kind: "queue", key: "q" });
    expect(planDelay({ ...direct, queue: queueOn("direct") })).toEqual({ ...direct, kind: "queue", key: "q" });
  });

  it("goes through other exchanges with the key of the route, as Celery does", () => {
    const route = { exchange: "e", routingKey: "mail.in" };
    expect(planDelay({ ...route, queue: queueOn("topic", "mail.*") })).toEqual({
      ...route,
      kind: "exchange",
      key: "mail.in",
      queue: "q",
      bindingKey: "mail.*",
    });
  });

  it.each([
    ["the queue is unknown", { exchange: "e", routingKey: "key" }],
    ["the exchange is another one", { exchange: "x", routingKey: "key", queue: queueOn("topic") }],
    ["the key is not the one of the queue", { exchange: "e", routingKey: "other", queue: queueOn("direct") }],
    ["headers decide", { exchange: "e", routingKey: "key", queue: queueOn("headers") }],
    ["there is no key", { exchange: "e", routingKey: "", queue: queueOn("fanout") }],
    ["the name is too long", { exchange: "", routingKey: "q".repeat(200) }],
  ])("does not delay when %s", (_name, route) => {
    expect(planDelay(route)).toBeUndefined();
  });
});
