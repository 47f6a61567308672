import { silentLogger } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { listenForShutdown, nextStage } from "./shutdown-signals.js";

describe("shutdown by signals", () => {
  it.each([
    ["running", "SIGTERM", "warm"],
    ["running", "SIGINT", "warm"],
    ["running", "SIGHUP", "warm"],
    ["running", "SIGQUIT", "cold"],
    ["warm", "SIGINT", "cold"],
    ["warm", "SIGTERM", "cold"],
    ["warm", "SIGQUIT", "cold"],
    ["cold", "SIGINT", "now"],
    ["cold", "SIGQUIT", "now"],
  ] as const)("%s and %s: %s", (stage, signal, expected) => {
    expect(nextStage(stage, signal)).toBe(expected);
  });

  it("acts once for each signal, and no more once disposed", () => {
    const acts: string[] = [];
    const before = process.listenerCount("SIGTERM");
    {
      using signals = listenForShutdown(
        { warm: () => acts.push("warm"), cold: () => acts.push("cold"), now: () => acts.push("now") },
        silentLogger,
      );
      for (let count = 0; count < 3; count += 1) process.emit("SIGTERM", "SIGTERM");
      expect(signals.stage).toBe("cold");
    }
    expect(acts).toEqual(["warm", "cold", "now"]);
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});
