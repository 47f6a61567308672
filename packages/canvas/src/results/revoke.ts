import type { App, ResultTuple } from "@celeriac/core";
import { CeleriacError, encodeControlRequest } from "@celeriac/core";

export interface RevokeOptions {
  /** Also stop those that are running. Default false. */
  readonly terminate?: boolean;
  /** For `terminate`. Default `SIGTERM`. */
  readonly signal?: string;
}

/** Of a control message: longer ones are not read. */
const IDS_PER_MESSAGE = 5_000;

/**
 * Tells all workers to revoke tasks; resolves once the broker has the requests, without waiting for answers.
 * @see PROTOCOL section 10; celery/app/control.py `Control.revoke`.
 */
export async function revokeAll(app: App, ids: readonly string[], options: RevokeOptions): Promise<void> {
  const { fanout, description } = app.broker;
  if (fanout === undefined) {
    throw new CeleriacError(
      `The broker "${description.transport}" cannot reach all workers at once, so nothing can be revoked over it. Redis and the memory broker can.`,
      { code: "CONTROL_UNSUPPORTED" },
    );
  }
  const { terminate = false, signal = "SIGTERM" } = options;
  const namespace = app.settings.controlExchange;
  const timeoutMs = 1000 * app.settings.publishTimeout;
  for (let start = 0; start < ids.length; start += IDS_PER_MESSAGE) {
    const request = {
      method: "revoke",
      arguments: { task_id: ids.slice(start, start + IDS_PER_MESSAGE), terminate, signal },
      destination: null,
      pattern: null,
      matcher: null,
    };
    const message = encodeControlRequest(request, { clock: 0, expires: 0 }, { namespace });
    await fanout.broadcast(message, `${namespace}.pidbox`, "", { timeoutMs });
  }
}

/** Every task in a result: members of groups and all that came before. Groups are no tasks. */
export function taskIdsIn(tuple: ResultTuple): readonly string[] {
  const ids = new Set<string>();
  const visit = (start: ResultTuple): void => {
    for (let next: ResultTuple | null = start; next !== null; next = next[0][1]) {
      const [[id], children]: ResultTuple = next;
      if (children === null) ids.add(id);
      else children.forEach(visit);
    }
  };
  visit(tuple);
  return [...ids];
}
