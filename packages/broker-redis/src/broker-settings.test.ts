import type { ConfigError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { parseBrokerOptions, readBrokerOptions } from "./broker-settings.js";

function issuesOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    return (error as ConfigError).issues.map((issue) => `${issue.key} ${issue.message}`);
  }
  return [];
}

describe("broker options", () => {
  it("has kombu's defaults", () => {
    expect(parseBrokerOptions({})).toMatchObject({
      visibilityMs: 3_600_000,
      prioritySteps: [0, 3, 6, 9],
      sep: "\x06\x16",
      restoreIntervalMs: 10_000,
    });
  });

  it("sweeps more often than a short visibility timeout", () => {
    expect(parseBrokerOptions({ visibilityTimeout: 6 }).restoreIntervalMs).toBe(2000);
  });

  it("reads Celery's names, and passes over those that mean nothing here", () => {
    expect(
      readBrokerOptions({
        visibility_timeout: 60,
        global_keyprefix: "x:",
        socket_keepalive: true,
        polling_interval: 1,
      }),
    ).toEqual({ visibilityTimeout: 60, globalKeyprefix: "x:" });
  });

  it("reports every problem at once, with the name that was probably meant", () => {
    const issues = issuesOf(() =>
      readBrokerOptions({ visibilty_timeout: 5, priority_steps: [3, 1], queue_order_strategy: "random" }),
    );
    expect(issues).toHaveLength(3);
    expect(issues[0]).toMatch(/^broker_transport_options\.visibilty_timeout .*Did you mean visibilityTimeout/);
    expect(issues[1]).toContain("[0, 3, 6, 9]");
    expect(issues[2]).toContain("round_robin, sorted, priority");
  });
});
