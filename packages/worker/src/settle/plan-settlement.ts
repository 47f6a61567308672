/**
 * Decides what follows an attempt. Pure: time and settings are arguments, the answer is a list of effects.
 *
 * Invariants, which the tests cite:
 * 1. What a task leads to (retry, callbacks, next chain step) is sent before its own state is stored and its message
 *    acknowledged: a crash in between repeats a send with the same id, and never loses one (G10).
 * 2. A state is stored before the ack: a crash in between repeats the task, and never loses its result.
 * 3. Nothing is stored for ignored results, except errors when the task wants them.
 * @see PROTOCOL section 8, "Order inside a worker".
 * @module
 */
import type { ResultRecord, Settings, TaskRequest, WireException } from "@celeriac/core";
import { encodeException, TimeLimitExceeded, WorkerLostError } from "@celeriac/core";
import type { Ending } from "../pool/pool.js";
import type { AckPolicy, EndingKind } from "../request/ack-policy.js";
import { settlementFor } from "../request/ack-policy.js";
import type { Effect } from "./effect.js";
import { planResend } from "./plan-resend.js";
import { errbackEffects, successorEffects } from "./plan-successors.js";

export interface SettlementContext {
  readonly ack: AckPolicy;
  readonly settings: Settings;
  readonly ignoreResult: boolean;
  readonly storeErrors: boolean;
  readonly hostname: string;
  readonly queue: string;
  readonly nowMs: number;
}

export function planSettlement(request: TaskRequest, ending: Ending, context: SettlementContext): readonly Effect[] {
  const settled = settleMessage(context.ack, endingKind(ending));
  switch (ending.kind) {
    case "success":
      return [
        ...successorEffects(request, ending.result),
        ...store(context.ignoreResult, request, "SUCCESS", ending.result, null, ending.children, context),
        ...settled,
      ];
    case "retry":
      return [
        planResend(request, ending.plan),
        ...store(
          context.ignoreResult,
          request,
          "RETRY",
          JSON.stringify(ending.exception),
          ending.traceback,
          ending.children,
          context,
        ),
        ...settled,
      ];
    case "failure":
      return failed(request, ending.exception, ending.traceback, ending.children, settled, context);
    case "timeout":
      if (isRequeued(settled)) return settled;
      return failed(request, encodeException(new TimeLimitExceeded(ending.limitSeconds)), null, null, settled, context);
    case "lost":
      if (isRequeued(settled)) return settled;
      return failed(request, encodeException(new WorkerLostError(ending.reason)), null, null, settled, context);
    case "ignore":
      return settled;
    case "reject":
      return ending.requeue ? settled : [...deadLetter(context.ack.late, ending.reason), ...settled];
  }
}

function endingKind(ending: Ending): EndingKind {
  return ending.kind === "reject" && ending.requeue ? "reject-requeue" : ending.kind;
}

function settleMessage(policy: AckPolicy, kind: EndingKind): readonly Effect[] {
  switch (settlementFor(policy, kind)) {
    case "none":
      return [];
    case "ack":
      return [{ kind: "ack" }];
    case "drop":
      return [{ kind: "reject", requeue: false }];
    case "requeue":
      return [{ kind: "reject", requeue: true }];
  }
}

function isRequeued(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect.kind === "reject" && effect.requeue);
}

function deadLetter(late: boolean, reason: string): readonly Effect[] {
  return late ? [{ kind: "dead-letter", reason: "REJECTED", detail: reason }] : [];
}

function failed(
  request: TaskRequest,
  exception: WireException,
  traceback: string | null,
  children: ResultRecord["children"],
  settled: readonly Effect[],
  context: SettlementContext,
): readonly Effect[] {
  const silent = context.ignoreResult && !context.storeErrors;
  const text = JSON.stringify(exception);
  const rest = (request.embed.chain ?? []).flatMap((step) =>
    failStep(step.options.task_id, text, traceback, request, context),
  );
  return [
    ...store(silent, request, "FAILURE", text, traceback, children, context),
    ...(silent ? [] : rest),
    ...errbackEffects(request),
    ...settled,
  ];
}

/** Steps of a chain that will never run fail with the same exception: nobody waits for them in vain. */
function failStep(
  id: unknown,
  text: string,
  traceback: string | null,
  request: TaskRequest,
  context: SettlementContext,
): readonly Effect[] {
  if (typeof id !== "string") return [];
  const record: ResultRecord = {
    taskId: id,
    status: "FAILURE",
    result: text,
    traceback,
    children: null,
    dateDoneMs: context.nowMs,
    parentId: request.id,
  };
  return [{ kind: "store", record }];
}

function store(
  silent: boolean,
  request: TaskRequest,
  status: string,
  result: string,
  traceback: string | null,
  children: ResultRecord["children"],
  context: SettlementContext,
): readonly Effect[] {
  return silent ? [] : [{ kind: "store", record: toRecord(request, status, result, traceback, children, context) }];
}

/** The record of a state, with what `result_extended` adds. */
export function toRecord(
  request: TaskRequest,
  status: string,
  result: string,
  traceback: string | null,
  children: ResultRecord["children"],
  context: Pick<SettlementContext, "settings" | "hostname" | "queue" | "nowMs">,
): ResultRecord {
  const ready = status === "SUCCESS" || status === "FAILURE" || status === "REVOKED";
  return {
    taskId: request.id,
    status,
    result,
    traceback,
    children,
    dateDoneMs: ready ? context.nowMs : null,
    ...(request.group === null ? {} : { groupId: request.group }),
    ...(request.parentId === null ? {} : { parentId: request.parentId }),
    ...(context.settings.resultExtended
      ? {
          extended: {
            name: request.task,
            args: request.args,
            kwargs: request.kwargs,
            worker: context.hostname,
            retries: request.retries,
            queue: context.queue,
          },
          ...(request.stampedHeaders === null
            ? {}
            : { stamps: { stamped_headers: request.stampedHeaders, ...request.stamps } }),
        }
      : {}),
  };
}
