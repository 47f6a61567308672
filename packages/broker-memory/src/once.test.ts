import { expect, it } from "vitest";
import { memoryBroker } from "./memory-broker.js";

it("a key may be used again after a day", async () => {
  let nowMs = 1_000_000;
  const { once } = memoryBroker({ clock: { now: () => nowMs, monotonic: () => nowMs, sleep: async () => undefined } });
  const message = { body: new Uint8Array(), contentType: "", contentEncoding: "utf-8", headers: {}, properties: {} };
  const publish = (key: string): Promise<boolean> | undefined =>
    once?.publish(message, { exchange: "", routingKey: "celery" }, key);
  expect(await publish("early")).toBe(true);
  nowMs += 50_000_000;
  expect(await publish("late")).toBe(true);
  nowMs += 86_400_000 - 50_000_000;
  expect([await publish("early"), await publish("late")]).toEqual([false, false]);
  nowMs += 1;
  expect([await publish("early"), await publish("late")]).toEqual([true, false]);
});
