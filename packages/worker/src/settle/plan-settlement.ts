/**
 * Decides what follows an attempt. Pure: time and settings are arguments, the answer is a list of effects.
 *
 * Invariants, which the tests cite:
 * 1. What a task leads to (retry, callbacks, next chain step) is sent before its own state is stored and its message
 *    acknowledged: a crash in between repeats a send with the same id, and never loses one (G10).
 * 2. A state is stored before the ack: a crash in between repeats the task, and never loses its result (G2).
 * 3. A message acknowledged before the run is not settled again (G3).
 * 4. A chord hears of a member only after its result is stored, and before the ack: a crash in between repeats the member,
 *    which the chord counts once (G11).
 * 5. Nothing is stored for ignored results, except errors when the task wants them.
 * @see PROTOCOL section 8, "Order inside a worker".
 * @module
 */
import type { FollowUp } from "@celeriac/canvas";
import {
  followSettings,
  hasSuccessors,
  planFailure,
  planPart,
  planReplacement,
  planSuccessors,
} from "@celeriac/canvas";
import type { ResultTuple, TaskDefinition, TaskRequest, WireException } from "@celeriac/core";
import {
  DeliveryLimitExceeded,
  decodeJson,
  encodeException,
  encodeJson,
  TaskRevokedError,
  TimeLimitExceeded,
  WorkerLostError,
} from "@celeriac/core";
import type { Ending } from "../pool/pool.js";
import type { EndingKind } from "../request/ack-policy.js";
import { settlementFor } from "../request/ack-policy.js";
import type { TaskPolicy } from "../request/task-policy.js";
import { storesErrors, storesResult } from "../request/task-policy.js";
import type { Effect } from "./effect.js";
import { planResend } from "./plan-resend.js";
import type { RecordContext } from "./to-record.js";
import { toRecord } from "./to-record.js";

export interface SettlementContext extends RecordContext {
  readonly policy: TaskPolicy;
  /** Tasks known here: for error callbacks that are called rather than sent. */
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
}

/** An ending that has consequences: an attempt that never started has none but its message. */
export type SettledEnding = Exclude<Ending, { readonly kind: "unstarted" }>;

const NOTHING: FollowUp = { steps: [], children: [] };

/** A task that kills its process so often is not run again (G8). */
export const MAX_DELIVERIES = 5;

export function planSettlement(
  request: TaskRequest,
  ending: SettledEnding,
  context: SettlementContext,
): readonly Effect[] {
  const settled = settleMessage(context.policy, endingKind(ending));
  switch (ending.kind) {
    case "success":
      return succeeded(request, ending, settled, context);
    case "retry":
      return [
        planResend(request, ending.plan, context.nowMs),
        ...storeError("RETRY", request, ending, context),
        ...settled,
      ];
    case "failure":
      return failed(request, ending, settled, context);
    case "timeout":
      if (isGivenBack(settled)) return settled;
      return failed(request, errorState(new TimeLimitExceeded(ending.limitSeconds)), settled, context);
    case "lost":
      if (isGivenBack(settled)) return (ending.losses ?? 1) < MAX_DELIVERIES ? settled : planPoisoned(request, context);
      return failed(request, errorState(new WorkerLostError(ending.reason)), settled, context);
    case "aborted":
      if (isGivenBack(settled)) return settled;
      return failed(request, errorState(new WorkerLostError(ending.reason)), settled, context);
    case "replace":
      return [
        { kind: "send", steps: planReplacement(request, ending.signature, followSettings(context.settings)).steps },
        ...settled,
      ];
    case "terminated":
      return [...revoked(request, "terminated", context), ...settled];
    case "ignore":
      return settled;
    case "reject":
      return ending.requeue ? settled.map(withoutCount) : [...deadLetter(context.policy, ending.reason), ...settled];
  }
}

/** A task that must not run any more, because it is too late or was revoked: it is acknowledged. */
export function planRevocation(
  request: TaskRequest,
  reason: "expired" | "revoked",
  context: SettlementContext,
): readonly Effect[] {
  return [...revoked(request, reason, context), { kind: "ack" }];
}

/** A task that kills whoever runs it: kept as a dead letter, failed, acknowledged (G8). */
export function planPoisoned(
  request: TaskRequest,
  context: SettlementContext,
  deliveries: number = MAX_DELIVERIES,
): readonly Effect[] {
  const error = new DeliveryLimitExceeded(deliveries);
  return [
    { kind: "dead-letter", reason: error.code, detail: error.message },
    ...failed(request, errorState(error), [{ kind: "ack" }], context),
  ];
}

/** REVOKED with Celery's word for it. The chord hears of it; nothing else follows. */
function revoked(
  request: TaskRequest,
  reason: "expired" | "revoked" | "terminated",
  context: SettlementContext,
): readonly Effect[] {
  const state = errorState(new TaskRevokedError(reason));
  const part = planPart(request, "REVOKED", encodeJson(state.exception));
  return [...storeError("REVOKED", request, state, context), ...part];
}

interface ErrorState {
  readonly exception: WireException;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[] | null;
}

function errorState(error: Error): ErrorState {
  return { exception: encodeException(error), traceback: null, children: null };
}

function endingKind(ending: SettledEnding): EndingKind {
  return ending.kind === "reject" && ending.requeue ? "reject-requeue" : ending.kind;
}

function settleMessage(policy: TaskPolicy, kind: EndingKind): readonly Effect[] {
  switch (settlementFor(policy.ack, kind)) {
    case "none":
      return [];
    case "ack":
      return [{ kind: "ack" }];
    case "drop":
      return [{ kind: "reject", requeue: false }];
    case "requeue":
      return [{ kind: "reject", requeue: true }];
    case "restore":
      return [{ kind: "restore" }];
  }
}

function isGivenBack(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect.kind === "restore" || (effect.kind === "reject" && effect.requeue));
}

/** A task may ask for its message again as often as it likes: that is no sign of poison. */
function withoutCount(effect: Effect): Effect {
  return effect.kind === "reject" ? { ...effect, counts: false } : effect;
}

function deadLetter(policy: TaskPolicy, reason: string): readonly Effect[] {
  return policy.ack.late ? [{ kind: "dead-letter", reason: "REJECTED", detail: reason }] : [];
}

function succeeded(
  request: TaskRequest,
  ending: Extract<Ending, { kind: "success" }>,
  settled: readonly Effect[],
  context: SettlementContext,
): readonly Effect[] {
  const { result } = ending;
  const part = planPart(request, "SUCCESS", result);
  const { steps, children } = hasSuccessors(request)
    ? planSuccessors(request, decodeJson(result), followSettings(context.settings))
    : NOTHING;
  const sent: readonly Effect[] = steps.length === 0 ? [] : [{ kind: "send", steps }];
  if (!storesResult(request, context.policy)) return [...sent, ...part, ...settled];
  // What a task leads to is among its children, after what it sent itself.
  const all = children.length === 0 ? ending.children : [...ending.children, ...children];
  const record = toRecord(request, { status: "SUCCESS", result, children: all }, context);
  return [...sent, { kind: "store", record }, ...part, ...settled];
}

function failed(
  request: TaskRequest,
  state: ErrorState,
  settled: readonly Effect[],
  context: SettlementContext,
): readonly Effect[] {
  return [
    ...storeError("FAILURE", request, state, context),
    ...planFailure(request, state, storesErrors(request, context.policy), context),
    ...settled,
  ];
}

/** RETRY, FAILURE and REVOKED follow the same switch in Celery (`store_errors`). */
function storeError(
  status: "RETRY" | "FAILURE" | "REVOKED",
  request: TaskRequest,
  { exception, traceback, children }: ErrorState,
  context: SettlementContext,
): readonly Effect[] {
  if (!storesErrors(request, context.policy)) return [];
  const result = encodeJson(exception);
  return [{ kind: "store", record: toRecord(request, { status, result, traceback, children }, context) }];
}
