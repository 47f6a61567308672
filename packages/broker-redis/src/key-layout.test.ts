import { describe, expect, it } from "vitest";
import { parseBrokerOptions } from "./broker-settings.js";
import { createKeyLayout, stepOf } from "./key-layout.js";

const STEPS = [0, 3, 6, 9];

describe("stepOf", () => {
  it.each([
    [0, 0],
    [2, 0],
    [3, 3],
    [4, 3],
    [8, 6],
    [255, 9],
    [-1, 0],
    ["7", 6],
    ["urgent", 0],
    [null, 0],
    [undefined, 0],
    [Number.NaN, 0],
    [true, 0],
  ])("priority %j is kept in step %j", (priority, step) => {
    expect(stepOf(priority, STEPS)).toBe(step);
  });
});

describe("createKeyLayout", () => {
  it("names everything as kombu does", () => {
    const keys = createKeyLayout(parseBrokerOptions({}), 2);
    expect(keys.lists("celery")).toEqual(["celery", "celery\x06\x163", "celery\x06\x166", "celery\x06\x169"]);
    expect(keys.bindings("celeryev")).toBe("_kombu.binding.celeryev");
    expect(keys.channel("celery.pidbox", "")).toBe("/2.celery.pidbox");
    expect(keys.channel("celeryev", "worker.heartbeat")).toBe("/2.celeryev/worker.heartbeat");
    expect([keys.unacked, keys.unackedIndex, keys.unackedMutex]).toEqual(["unacked", "unacked_index", "unacked_mutex"]);
  });

  it("puts the global prefix in front of keys and channels", () => {
    const keys = createKeyLayout(parseBrokerOptions({ globalKeyprefix: "shop:" }), 0);
    expect(keys.list("celery", 9)).toBe("shop:celery\x06\x169");
    expect(keys.channel("celeryev", "task.sent")).toBe("shop:/0.celeryev/task.sent");
    expect(keys.unacked).toBe("shop:unacked");
    expect(keys.splitChannel("shop:/0.celeryev/task.sent")).toEqual({ exchange: "celeryev", routingKey: "task.sent" });
  });

  it("leaves routing keys out of channels without fanoutPatterns", () => {
    const keys = createKeyLayout(parseBrokerOptions({ fanoutPatterns: false, fanoutPrefix: false }), 0);
    expect(keys.channel("celeryev", "task.sent")).toBe("celeryev");
  });
});
