import type { Broker, Delivery, Route } from "@celeriac/core/ports";
import { plainQueue, sampleMessage } from "@celeriac/testkit";
import { describe, expect, it } from "vitest";
import { memoryBroker } from "../src/index.js";

const queue = { ...plainQueue("q"), exchange: { name: "news", type: "direct" }, routingKey: "sport" } as const;

async function send(broker: Broker, route: Route): Promise<Delivery | undefined> {
  await broker.publish(sampleMessage("m"), route);
  for await (const [delivery] of await broker.consume({ queues: [queue], prefetch: 1 })) return delivery;
  return undefined;
}

describe("a delivery", () => {
  it.each([
    ["an exchange", { exchange: "news", routingKey: "sport", queue }, ["news", "sport", "q"]],
    ["its queue", { exchange: "", routingKey: "q", queue }, ["", "q", "q"]],
  ])("tells that its message was published to %s", async (_what, route, told) => {
    const broker = memoryBroker();
    const delivery = await send(broker, route);
    expect([delivery?.exchange, delivery?.routingKey, delivery?.queue]).toEqual(told);
    await delivery?.ack();
  });
});
