import type { App, ResultBackend, ResultTuple } from "@celeriac/core";
import { decodeException, decodeJson } from "@celeriac/core";
import type { Plan } from "../plan/plan.js";
import { EagerEngine } from "./eager-engine.js";

/** A workflow that runs in this process. */
export interface EagerRun {
  readonly results: ResultBackend;
  /** All of it has run. Rejects with the first failure when `taskEagerPropagates` is set. */
  readonly done: Promise<void>;
}

/**
 * Runs a planned workflow here, one task after the other, in the order in which one worker would: successors, error
 * callbacks, chords and replacements included. ETAs are not waited for.
 */
export function runEagerly(app: App, { steps, result }: Plan): EagerRun {
  const engine = new EagerEngine(app);
  return { results: engine.results, done: finish(app, engine, steps, result) };
}

async function finish(app: App, engine: EagerEngine, steps: Plan["steps"], result: ResultTuple | null): Promise<void> {
  await engine.run(steps);
  for (const id of result === null ? [] : leafIds(result)) await engine.closeOpen(id);
  const { firstFailure } = engine;
  if (firstFailure === undefined || !app.settings.taskEagerPropagates) return;
  const { taskId, traceback, status: state } = firstFailure;
  throw decodeException(decodeJson(firstFailure.result), { taskId, traceback, state });
}

function leafIds([[id], children]: ResultTuple): readonly string[] {
  return children === null ? [id] : children.flatMap(leafIds);
}
