import type { OutgoingTask, RetryPlan } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { NOW_MS, sampleRequest, sampleSignature } from "../../test/support/sample-request.js";
import { planResend } from "./plan-resend.js";

function resend(task: Partial<OutgoingTask>, plan: Partial<RetryPlan> = {}): OutgoingTask {
  const effect = planResend(sampleRequest(task), { dueAtMs: NOW_MS + 60_000, ...plan }, NOW_MS);
  if (effect.kind !== "resend") throw new Error("not a resend");
  return effect.task;
}

describe("the next attempt", () => {
  // PROTOCOL 2.3; celery/app/task.py signature_from_request.
  it("keeps the id and the root, is its own parent, and counts up", () => {
    const next = resend({ rootId: "root", parentId: "before", retries: 2 });
    expect(next).toMatchObject({ id: "task-1", rootId: "root", parentId: "task-1", retries: 3 });
    expect(next.eta).toBe("2030-01-01T00:01:00+00:00");
  });

  it("keeps what came with the message", () => {
    const callback = sampleSignature();
    const given = {
      embed: { callbacks: [callback], errbacks: [callback], chain: [callback] },
      priority: 6,
      timeLimits: [30, 20],
      group: "group",
      groupIndex: 2,
      headers: { tenant: "acme" },
      stampedHeaders: ["batch"],
      stamps: { batch: "b1" },
      replyTo: "oid",
      origin: "gen1@host",
      shadow: "shown",
      deliveryMode: 1,
      replacedTaskNesting: 1,
      argsrepr: "(<hidden>)",
      ignoreResult: true,
    } as const;
    expect(resend(given)).toMatchObject(given);
  });

  it("drops what RabbitMQ's dead-lettering added", () => {
    const headers = { "x-death": [{ count: 1 }], "x-first-death-queue": "q", tenant: "acme" };
    expect(resend({ headers }).headers).toEqual({ tenant: "acme" });
  });

  it("takes replacement arguments, and forgets the old repr", () => {
    const next = resend({ argsrepr: "(1, 2)" }, { args: [5], kwargs: { z: 1 } });
    expect(next).toMatchObject({ args: [5], kwargs: { z: 1 } });
    expect(next).not.toHaveProperty("argsrepr");
  });

  it("takes limits, priority and headers of the plan; the rest is a route", () => {
    const options = { time_limit: 60, priority: 9, headers: { a: 1 }, queue: "other" };
    const plan = { dueAtMs: NOW_MS, options };
    const effect = planResend(sampleRequest({ timeLimits: [30, 20], headers: { b: 2 } }), plan, NOW_MS);
    expect(effect).toMatchObject({
      task: { timeLimits: [60, 20], priority: 9, headers: { a: 1, b: 2 } },
      overrides: { queue: "other" },
    });
  });

  it("keeps the expiry, and tells the transport how long that is from now", () => {
    const expires = "2030-01-01T01:00:00+00:00";
    expect(resend({ expires })).toMatchObject({ expires, expirationMs: 3_600_000 });
    const later = "2030-01-01T02:00:00+00:00";
    expect(resend({ expires }, { options: { expires: later } })).toMatchObject({
      expires: later,
      expirationMs: 7_200_000,
    });
    expect(resend({})).not.toHaveProperty("expirationMs");
  });
});
