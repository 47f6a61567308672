import type { Outcome, WireException } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import {
  NOW_MS,
  sampleContext,
  samplePolicy,
  sampleRequest,
  sampleSignature,
} from "../../test/support/sample-request.js";
import type { TaskPolicy } from "../request/task-policy.js";
import type { Effect } from "./effect.js";
import type { SettledEnding } from "./plan-settlement.js";
import { planRevocation, planSettlement } from "./plan-settlement.js";
import { toRecord } from "./to-record.js";

const boom: WireException = { exc_type: "ValueError", exc_message: ["boom"], exc_module: "builtins" };
const ENDINGS = {
  success: { kind: "success", result: "3", children: [] },
  failure: { kind: "failure", exception: boom, traceback: "tb", children: [], expected: false },
  retry: {
    kind: "retry",
    plan: { dueAtMs: NOW_MS + 1000 },
    exception: boom,
    traceback: "tb",
    children: [],
  },
  ignore: { kind: "ignore", reason: "" },
  reject: { kind: "reject", reason: "poison", requeue: false },
  requeue: { kind: "reject", reason: "later", requeue: true },
  timeout: { kind: "timeout", limitSeconds: 5 },
  lost: { kind: "lost", reason: "signal SIGKILL" },
  terminated: { kind: "terminated" },
  aborted: { kind: "aborted", reason: "cold shutdown" },
} as const satisfies Record<string, SettledEnding>;

const late = samplePolicy();
const early = samplePolicy({}, { late: false });
const linked = sampleRequest({
  embed: {
    callbacks: [sampleSignature({ task: "after" })],
    errbacks: [sampleSignature({ task: "sorry" })],
    chain: [
      sampleSignature({ task: "third", options: { task_id: "id-3" } }),
      sampleSignature({ task: "second", options: { task_id: "id-2" } }),
    ],
  },
});

function plan(ending: SettledEnding, policy: TaskPolicy = late, request = linked): readonly Effect[] {
  return planSettlement(request, ending, sampleContext(policy));
}

/** `call:task`, `store:STATE`, `ack`... */
function sketch(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case "send":
        return effect.steps.map((step) => (step.kind === "publish" ? `call:${step.task.task}` : step.kind));
      case "errback":
        return `errback:${effect.call.signature.task}`;
      case "part":
        return `part:${effect.part.taskId}:${effect.part.status}`;
      case "store":
        return `store:${effect.record.taskId === "task-1" ? "" : `${effect.record.taskId}:`}${effect.record.status}`;
      case "reject":
        return effect.requeue ? "requeue" : "drop";
      default:
        return effect.kind;
    }
  });
}

describe("what follows an attempt, acks late", () => {
  // PROTOCOL section 8, "Order inside a worker".
  it.each<[keyof typeof ENDINGS, readonly string[]]>([
    ["success", ["call:after", "call:second", "store:SUCCESS", "ack"]],
    ["failure", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry", "ack"]],
    ["retry", ["resend", "store:RETRY", "ack"]],
    ["ignore", ["ack"]],
    ["reject", ["dead-letter", "drop"]],
    ["requeue", ["requeue"]],
    ["timeout", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry", "ack"]],
    ["lost", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry", "ack"]],
    ["terminated", ["store:REVOKED", "ack"]],
    ["aborted", ["restore"]],
  ])("%s", (ending, expected) => {
    expect(sketch(plan(ENDINGS[ending]))).toEqual(expected);
  });
});

describe("what follows an attempt, acked early", () => {
  it.each<[keyof typeof ENDINGS, readonly string[]]>([
    ["success", ["call:after", "call:second", "store:SUCCESS"]],
    ["failure", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry"]],
    ["retry", ["resend", "store:RETRY"]],
    ["ignore", []],
    ["reject", []],
    ["requeue", []],
    ["timeout", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry"]],
    ["lost", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry"]],
    ["aborted", ["store:FAILURE", "store:id-3:FAILURE", "store:id-2:FAILURE", "call:sorry"]],
  ])("%s", (ending, expected) => {
    expect(sketch(plan(ENDINGS[ending], early))).toEqual(expected);
  });
});

describe("what goes back to the queue leaves no trace", () => {
  it.each<[string, SettledEnding, TaskPolicy]>([
    ["lost with rejectOnWorkerLost", ENDINGS.lost, samplePolicy({}, { requeueWhenLost: true })],
    ["timed out without acksOnTimeout", ENDINGS.timeout, samplePolicy({}, { onTimeout: false })],
  ])("%s", (_name, ending, policy) => {
    expect(sketch(plan(ending, policy))).toEqual(["requeue"]);
  });
});

describe("G8: a task that loses its process again and again", () => {
  const policy = samplePolicy({}, { requeueWhenLost: true });

  it("is not what a task does that asks for its message again", () => {
    const rejections = (ending: SettledEnding): readonly unknown[] =>
      plan(ending, policy).flatMap((effect) => (effect.kind === "reject" ? [effect.counts ?? true] : []));
    expect([rejections(ENDINGS.requeue), rejections(ENDINGS.lost)]).toEqual([[false], [true]]);
  });

  it("is requeued four times, then kept as a dead letter and failed", () => {
    const after = (losses: number): readonly string[] => sketch(plan({ ...ENDINGS.lost, losses }, policy));
    expect([1, 2, 3, 4].map(after)).toEqual([["requeue"], ["requeue"], ["requeue"], ["requeue"]]);
    expect(after(5)).toEqual([
      "dead-letter",
      "store:FAILURE",
      "store:id-3:FAILURE",
      "store:id-2:FAILURE",
      "call:sorry",
      "ack",
    ]);
  });
});

describe("invariants of settlement", () => {
  const settling = ["ack", "reject", "restore"];
  const policies = [late, early, samplePolicy({}, { onFailure: false, onTimeout: false, requeueWhenLost: true })];
  const all = Object.values(ENDINGS).flatMap((ending) => policies.map((policy) => ({ ending, policy })));

  it("G10: a retry, callback or chain step is sent before the state is stored", () => {
    for (const { ending, policy } of all.filter((item) => ["success", "retry"].includes(item.ending.kind))) {
      const kinds = plan(ending, policy).map(({ kind }) => kind);
      const lastSend = Math.max(kinds.lastIndexOf("send"), kinds.lastIndexOf("resend"));
      expect(lastSend).toBeGreaterThanOrEqual(0);
      expect(kinds.indexOf("store")).toBeGreaterThan(lastSend);
    }
  });

  it("G2: the message is settled once, after everything else", () => {
    for (const { ending, policy } of all.filter((item) => item.policy.ack.late)) {
      const kinds = plan(ending, policy).map(({ kind }) => kind);
      expect(kinds.filter((kind) => settling.includes(kind))).toHaveLength(1);
      expect(settling).toContain(kinds.at(-1));
    }
  });

  it("G3: a message acknowledged before the run is not settled again", () => {
    for (const ending of Object.values(ENDINGS)) {
      expect(plan(ending, early).some(({ kind }) => settling.includes(kind))).toBe(false);
    }
  });

  it("G10: repeating a plan sends the same ids", () => {
    const ids = (): readonly unknown[] =>
      plan(ENDINGS.success).flatMap((effect) =>
        effect.kind === "send" ? effect.steps.map((step) => (step.kind === "publish" ? step.task.id : step.kind)) : [],
      );
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(2);
    expect(ids()[1]).toBe("id-2");
  });
});

describe("what is stored", () => {
  const stored = (ending: SettledEnding, policy = late): Effect[] =>
    plan(ending, policy).filter(({ kind }) => kind === "store");

  it("is nothing for an ignored result, successful or not", () => {
    const silent = samplePolicy({ canStore: false });
    for (const ending of Object.values(ENDINGS)) expect(stored(ending, silent)).toEqual([]);
  });

  it("is errors of an ignored result when the task wants them", () => {
    const request = sampleRequest({ ignoreResult: true });
    const policy = samplePolicy({ storesErrors: true });
    expect(sketch(plan(ENDINGS.success, policy, request))).toEqual(["ack"]);
    expect(sketch(plan(ENDINGS.failure, policy, request))).toEqual(["store:FAILURE", "ack"]);
  });

  it("counts callbacks and the next step among the children, after what the task sent itself", () => {
    const ending: Outcome = { kind: "success", result: "3", children: [[["own", null], null]] };
    const [effect] = stored(ending);
    const children = effect?.kind === "store" ? effect.record.children : null;
    expect(children?.map(([[id]]) => id)).toEqual(["own", expect.stringMatching(/^[0-9a-f-]{36}$/), "id-2"]);
  });

  it("is billiard's names for limits and lost processes", () => {
    const exceptionOf = (ending: SettledEnding): unknown => {
      const effect = stored(ending)[0];
      return effect?.kind === "store" ? JSON.parse(effect.record.result) : undefined;
    };
    expect(exceptionOf(ENDINGS.timeout)).toEqual({
      exc_type: "TimeLimitExceeded",
      exc_message: [5],
      exc_module: "billiard.exceptions",
    });
    expect(exceptionOf(ENDINGS.lost)).toMatchObject({
      exc_type: "WorkerLostError",
      exc_module: "billiard.exceptions",
    });
  });

  it("keeps exception arguments that plain JSON cannot", () => {
    const exception = { ...boom, exc_message: [2n ** 70n] };
    const [effect] = stored({ ...ENDINGS.failure, exception });
    expect(effect?.kind === "store" && effect.record.result).toContain("1180591620717411303424");
  });
});

describe("an expired task", () => {
  it("is REVOKED with the reason expired, and acknowledged", () => {
    const effects = planRevocation(linked, "expired", sampleContext());
    expect(sketch(effects)).toEqual(["store:REVOKED", "ack"]);
    const [effect] = effects;
    expect(effect?.kind === "store" && JSON.parse(effect.record.result)).toEqual({
      exc_type: "TaskRevokedError",
      exc_message: ["expired"],
      exc_module: "celery.exceptions",
    });
  });

  it("stores nothing when its result is ignored", () => {
    expect(sketch(planRevocation(sampleRequest({ ignoreResult: true }), "expired", sampleContext()))).toEqual(["ack"]);
  });
});

describe("toRecord", () => {
  it("dates only what is ready", () => {
    for (const [status, dateDoneMs] of [
      ["SUCCESS", NOW_MS],
      ["FAILURE", NOW_MS],
      ["REVOKED", NOW_MS],
      ["RETRY", null],
      ["STARTED", null],
    ] as const) {
      expect(toRecord(linked, { status, result: "1" }, sampleContext()).dateDoneMs).toBe(dateDoneMs);
    }
  });

  it("adds name, arguments and stamps with resultExtended", () => {
    const context = { ...sampleContext(), settings: { ...sampleContext().settings, resultExtended: true } };
    const request = sampleRequest({ stampedHeaders: ["tenant"], stamps: { tenant: "acme" } });
    expect(toRecord(request, { status: "SUCCESS", result: "1" }, context)).toMatchObject({
      extended: { name: "math.add", args: [1, 2], kwargs: {}, worker: "celery@host", retries: 0, queue: "celery" },
      stamps: { stamped_headers: ["tenant"], tenant: "acme" },
    });
  });
});
