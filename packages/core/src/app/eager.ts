/**
 * Eager mode: a send runs the task here and now, retries and callbacks included, as `task_always_eager` does.
 * @see Celery `Task.apply`.
 * @module
 */
import { randomUUID } from "node:crypto";
import { CeleriacError } from "../errors/index.js";
import type { Outcome } from "../execution/outcome.js";
import type { ResultTuple } from "../ports/index.js";
import { decodeException, decodeJson, encodeJson } from "../protocol/index.js";
import type { ResultMeta, ResultRecord } from "../protocol/result-meta.js";
import type { OutgoingTask, TaskRequest } from "../protocol/task-request.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { App } from "./app.js";
import type { EagerAttempt } from "./eager-attempt.js";
import { attemptEagerly, planEagerly } from "./eager-attempt.js";
import type { ResultHandle } from "./result-handle.js";
import { signatureCall } from "./signature-call.js";

/** Runs the task to its end; its handle has the result at once. Rejects with it when `taskEagerPropagates` is set. */
export async function runEagerly(app: App, outgoing: OutgoingTask): Promise<EagerRecord> {
  const attempt = await attemptEagerly(app, outgoing);
  if (attempt.outcome.kind === "replace") {
    const taken = await takeOver(app, attempt, attempt.outcome.signature);
    if (app.settings.taskEagerPropagates && taken.record.status === "FAILURE") throw eagerError(taken.record);
    return taken;
  }
  const { request, outcome, progress } = attempt;
  const record = eagerRecord(app, request, outcome);
  if (app.settings.taskStoreEagerResult && app.backend !== undefined && !request.ignoreResult)
    await app.backend.store(record);
  await sendCallbacks(app, request, outcome);
  if (app.settings.taskEagerPropagates && record.status === "FAILURE") throw eagerError(record);
  return { record, progress };
}

export interface EagerRecord {
  readonly record: ResultRecord;
  /** States the task reported on its way. */
  readonly progress: readonly ResultMeta[];
}

/** Runs what replaces a task, under the task's id, with its callbacks and the rest of its chain. */
async function takeOver(app: App, attempt: EagerAttempt, signature: WireSignature): Promise<EagerRecord> {
  const { request, replacement } = attempt;
  const runs = replacement?.["~takeOver"];
  if (runs !== undefined) return runs(app, request);
  const { id: taskId, rootId, embed, replacedTaskNesting } = request;
  const parents = { rootId, ...(request.parentId === null ? {} : { parentId: request.parentId }) };
  const call = signatureCall(signature, { args: [], options: { taskId, ...parents } }, app.tasks.get(signature.task));
  const own = planEagerly(app, { ...call, replacedTaskNesting: replacedTaskNesting + 1 }, taskId);
  const callbacks = [...(own.embed?.callbacks ?? []), ...(embed.callbacks ?? [])];
  const errbacks = [...(own.embed?.errbacks ?? []), ...(embed.errbacks ?? [])];
  return runEagerly(app, { ...own, embed: { callbacks, errbacks, chain: embed.chain } });
}

/** How an eager attempt ended, as a store would keep it. */
export function eagerRecord(app: App, request: TaskRequest, outcome: Outcome): ResultRecord {
  const failed = outcome.kind === "failure";
  return {
    taskId: request.id,
    status:
      outcome.kind === "success" ? "SUCCESS" : failed ? "FAILURE" : outcome.kind === "ignore" ? "IGNORED" : "REJECTED",
    result: outcome.kind === "success" ? outcome.result : failed ? encodeJson(outcome.exception) : "null",
    traceback: failed ? outcome.traceback : null,
    children: outcome.kind === "success" || failed ? outcome.children : null,
    dateDoneMs: app.clock.now(),
    ...(request.parentId === null ? {} : { parentId: request.parentId }),
  };
}

async function sendCallbacks(app: App, request: TaskRequest, outcome: Outcome): Promise<void> {
  const { callbacks, errbacks, chain } = request.embed;
  const parents = { rootId: request.rootId, parentId: request.id };
  const sendAll = async (signatures: readonly WireSignature[] | null, args: readonly unknown[]): Promise<void> => {
    for (const signature of signatures ?? []) await app.sendSignature(signature, args, parents);
  };
  if (outcome.kind === "failure") await sendAll(errbacks, [request.id]);
  if (outcome.kind !== "success") return;
  const value = decodeJson(outcome.result);
  await sendAll(callbacks, [value]);
  const next = chain?.at(-1);
  if (next !== undefined) await app.sendSignature(next, [value], parents, { chain: chain?.slice(0, -1) ?? [] });
}

function eagerError(record: ResultRecord): Error {
  return decodeException(decodeJson(record.result), {
    taskId: record.taskId,
    traceback: record.traceback,
    state: record.status,
  });
}

/** The handle of a task that has run already. */
export function createEagerHandle<Result, Progress>(
  id: string,
  taskName: string,
  ran: Promise<EagerRecord>,
): ResultHandle<Result, Progress> {
  const meta = async (): Promise<ResultMeta> => {
    const { record } = await ran;
    return {
      taskId: id,
      status: record.status,
      result: decodeJson(record.result),
      traceback: record.traceback,
      children: record.children,
      dateDoneMs: record.dateDoneMs,
      extra: {},
    };
  };
  return {
    id,
    taskName,
    parent: undefined,
    meta,
    state: async () => (await meta()).status,
    get: async () => {
      const { record } = await ran;
      if (record.status === "SUCCESS") return decodeJson(record.result) as Result; // the task's declared type
      if (record.status === "FAILURE") throw eagerError(record);
      throw new CeleriacError(`Task ${id} ended as ${record.status}: it has no result.`, { code: "NO_RESULT" });
    },
    async *progress() {
      for (const step of (await ran).progress) if (step.status === "PROGRESS") yield step.result as Progress; // declared by the task
    },
    forget: async () => undefined,
    asTuple: (): ResultTuple => [[id, null], null],
  };
}

/** A fresh id for a task that was given none. */
export function newTaskId(): string {
  return randomUUID();
}
