/**
 * Commands that stop tasks. @see PROTOCOL 10.3; Celery `celery/worker/control.py`.
 * @module
 */
import { encodeException, encodeJson, pythonRepr, TaskRevokedError } from "@celeriac/core";
import { carriesOneOf } from "../revoke/revocations.js";
import type { ControlHandler } from "./handlers.js";
import type { WorkerView } from "./worker-view.js";

/** Marks tasks that must not run; with `terminate` also ends those that do. */
export const revoke: ControlHandler = (view, args) => {
  const ids = textsIn(args.task_id);
  view.revocations.add(ids);
  for (const id of ids) storeRevoked(view, id);
  if (args.terminate !== true) return { ok: `tasks ${setRepr(ids)} flagged as revoked` };
  const ended = ids.filter((id) => view.terminate(id));
  return { ok: ended.length === 0 ? "terminate: tasks unknown" : `terminate: ${ended.join(", ")}` };
};

export const terminate: ControlHandler = (view, args) => revoke(view, { ...args, terminate: true });

export const revokeByStampedHeaders: ControlHandler = (view, args) => {
  const headers = headersIn(args.headers);
  for (const [name, values] of headers) view.revocations.addStamps(name, values);
  const shown = pythonRepr(Object.fromEntries([...headers].map(([name, values]) => [name, [...values]])));
  if (args.terminate !== true) return { ok: `headers ${shown} flagged as revoked, but not terminated` };
  const matching = [...view.dispatcher.active].filter(({ request }) => carriesOneOf(request, headers));
  const ended = matching.filter(({ request }) => view.terminate(request.id));
  return { ok: ended.length === 0 ? `headers ${shown} were not terminated` : `headers ${shown} revoked` };
};

export const revoked: ControlHandler = (view) => view.revocations.ids;

/** At once, as the task may never come here. A task that succeeds all the same keeps its result. */
function storeRevoked({ app, log }: WorkerView, taskId: string): void {
  const result = encodeJson(encodeException(new TaskRevokedError("revoked")));
  const record = { taskId, status: "REVOKED", result, traceback: null, children: null, dateDoneMs: app.clock.now() };
  app.backend?.store(record).catch((error: unknown) => {
    log.warn({ taskId, error: String(error) }, "a task's revocation could not be stored");
  });
}

/** One text or a list of them. */
function textsIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(list.filter((item) => typeof item === "string"))];
}

/** `{ name: value or values }`, or a list of `name=value`. */
function headersIn(value: unknown): ReadonlyMap<string, ReadonlySet<unknown>> {
  if (Array.isArray(value)) {
    const pairs = textsIn(value).map((text): [string, Set<unknown>] => {
      const [name = "", ...rest] = text.split("=");
      return [name, new Set([rest.join("=")])];
    });
    return new Map(pairs);
  }
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(
    Object.entries(value).map(([name, stamps]) => [name, new Set<unknown>(Array.isArray(stamps) ? stamps : [stamps])]),
  );
}

function setRepr(ids: readonly string[]): string {
  return ids.length === 0 ? "set()" : `{${ids.map((id) => pythonRepr(id)).join(", ")}}`;
}
