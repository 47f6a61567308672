import { createApp } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import type { AckPolicy, EndingKind, Settlement } from "./ack-policy.js";
import { ackPolicyOf, settlementFor } from "./ack-policy.js";

const LATE: AckPolicy = { late: true, onFailure: true, onTimeout: true, requeueWhenLost: false };
const ENDINGS: readonly EndingKind[] = [
  "success",
  "failure",
  "retry",
  "ignore",
  "timeout",
  "lost",
  "aborted",
  "reject",
  "reject-requeue",
];

describe("the ack matrix", () => {
  it.each(ENDINGS)("G3: an early ack leaves nothing to settle after %s", (ending) => {
    const options = [true, false];
    for (const onFailure of options) {
      for (const onTimeout of options) {
        for (const requeueWhenLost of options) {
          expect(settlementFor({ late: false, onFailure, onTimeout, requeueWhenLost }, ending)).toBe("none");
        }
      }
    }
  });

  // celery/worker/request.py: on_success, on_retry, on_failure, on_timeout, reject, cancel at a cold shutdown.
  it.each<[EndingKind, Partial<AckPolicy>, Settlement]>([
    ["success", {}, "ack"],
    ["success", { onFailure: false, onTimeout: false }, "ack"],
    ["retry", {}, "ack"],
    ["retry", { onFailure: false }, "ack"],
    ["ignore", {}, "ack"],
    ["ignore", { onFailure: false }, "ack"],
    ["failure", {}, "ack"],
    ["failure", { onFailure: false }, "drop"],
    ["failure", { onTimeout: false }, "ack"],
    ["failure", { requeueWhenLost: true }, "ack"],
    ["timeout", {}, "ack"],
    ["timeout", { onTimeout: false }, "requeue"],
    ["timeout", { onFailure: false }, "ack"],
    ["lost", {}, "ack"],
    ["lost", { onFailure: false }, "drop"],
    ["lost", { requeueWhenLost: true }, "requeue"],
    ["lost", { requeueWhenLost: true, onFailure: false }, "requeue"],
    ["aborted", {}, "restore"],
    ["aborted", { onFailure: false, requeueWhenLost: false }, "restore"],
    ["reject", {}, "drop"],
    ["reject", { onFailure: true }, "drop"],
    ["reject-requeue", {}, "requeue"],
    ["reject-requeue", { requeueWhenLost: false }, "requeue"],
  ])("acks late: %s with %j ends in %s", (ending, changes, expected) => {
    expect(settlementFor({ ...LATE, ...changes }, ending)).toBe(expected);
  });
});

describe("whose word counts", () => {
  const policyOf = (options: object, settings: object): AckPolicy => {
    const app = createApp("test", settings);
    return ackPolicyOf(app.task("t", options, () => 1).definition, app.settings);
  };

  it("is Celery's defaults: early, ack on failure and timeout, no requeue of lost tasks", () => {
    expect(policyOf({}, {})).toEqual({ late: false, onFailure: true, onTimeout: true, requeueWhenLost: false });
  });

  it("is the settings when the task says nothing", () => {
    const settings = { taskAcksLate: true, taskAcksOnFailureOrTimeout: false, taskRejectOnWorkerLost: true };
    expect(policyOf({}, settings)).toEqual({ late: true, onFailure: false, onTimeout: false, requeueWhenLost: true });
  });

  it("is the task's own options above the settings", () => {
    const settings = { taskAcksLate: true, taskAcksOnFailureOrTimeout: false, taskRejectOnWorkerLost: true };
    const options = { acksLate: false, acksOnFailureOrTimeout: true, rejectOnWorkerLost: false };
    expect(policyOf(options, settings)).toEqual({
      late: false,
      onFailure: true,
      onTimeout: true,
      requeueWhenLost: false,
    });
  });

  it("is the narrower option above the common one", () => {
    expect(policyOf({ acksOnFailureOrTimeout: true, acksOnTimeout: false }, {})).toMatchObject({
      onFailure: true,
      onTimeout: false,
    });
    expect(policyOf({}, { taskAcksOnFailureOrTimeout: false, taskAcksOnFailure: true })).toMatchObject({
      onFailure: true,
      onTimeout: false,
    });
  });
});
