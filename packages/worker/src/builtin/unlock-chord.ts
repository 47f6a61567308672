import type { ErrbackCall } from "@celeriac/canvas";
import { defineBuiltin, leavesOf, listIn, numberIn, signatureIn, textIn, tupleIn } from "@celeriac/canvas";
import type {
  App,
  ChordEntry,
  ResultBackend,
  ResultTuple,
  TaskContext,
  TaskDefinition,
  WireSignature,
} from "@celeriac/core";
import { BackendError } from "@celeriac/core";
import { Aftermath } from "../settle/aftermath.js";

const READY: ReadonlySet<string> = new Set(["SUCCESS", "FAILURE", "REVOKED"]);

/**
 * Joins a chord in stores that cannot count: looks for the header's results, comes back until all are there, and then
 * sends the body. One message per chord at any time. @see PROTOCOL 11.5.
 */
export function unlockChordTask(app: App, callErrback: (call: ErrbackCall) => Promise<void>): TaskDefinition {
  const params = ["group_id", "callback", "interval", "max_retries", "result"];
  const options = { ignoreResult: true, maxRetries: null };
  return defineBuiltin(
    "celery.chord_unlock",
    params,
    async (context, groupId, callback, interval, maxRetries, result) => {
      const body = signatureIn(callback, "callback");
      const chord = { groupId: textIn(groupId, "group_id"), body, saved: headerOf(groupId, result) };
      const backend = backendOf(app);
      const entries = await doneEntries(backend, chord.saved);
      if (entries === undefined) return comeBack(context, app, numberIn(interval), numberIn(maxRetries));
      if (await isDispatched(backend, body)) return undefined;
      return new Aftermath({ app, log: context.log, callErrback }).join({ ...chord, entries }, context.request);
    },
    options,
  );
}

function headerOf(groupId: unknown, result: unknown): ResultTuple {
  return [[textIn(groupId, "group_id"), null], listIn(result, "result").map(tupleIn)];
}

function backendOf(app: App): ResultBackend {
  if (app.backend !== undefined) return app.backend;
  throw new BackendError(`App "${app.name}" has no result backend, so nobody can tell when a chord's header is done.`, {
    code: "BACKEND_MISSING",
  });
}

/** The header's results, once all are final. */
async function doneEntries(backend: ResultBackend, header: ResultTuple): Promise<readonly ChordEntry[] | undefined> {
  const metas = await Promise.all(leavesOf(header).map((id) => backend.fetch(id)));
  const done = metas.filter((meta) => meta !== undefined && READY.has(meta.status));
  if (done.length < metas.length) return undefined;
  return done.flatMap((meta) =>
    meta === undefined ? [] : [{ taskId: meta.taskId, status: meta.status, result: meta.result }],
  );
}

/** A message that came twice must not send the body twice: its own state tells. */
async function isDispatched(backend: ResultBackend, { options: { task_id: id } }: WireSignature): Promise<boolean> {
  return typeof id === "string" && (await backend.fetch(id)) !== undefined;
}

function comeBack(context: TaskContext, app: App, interval: number | undefined, maxRetries: number | undefined): never {
  return context.retry({
    countdown: interval ?? app.settings.resultChordRetryInterval,
    maxRetries: maxRetries ?? null,
  });
}
