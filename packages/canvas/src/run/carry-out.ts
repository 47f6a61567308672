import type { App } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";
import { compressionOf } from "../plan/compressed.js";
import type { PlannedStep, PlannedTask } from "../plan/planned-task.js";

export interface CarryOutOptions {
  /** A message that was published before, under the same id, is not published again, where the broker can tell. */
  readonly once?: boolean;
}

/**
 * Does what was planned: stores first what the store must know, then publishes, all at once. Resolves when the broker has
 * everything.
 * @throws BrokerError, BackendError, EncodeError; CeleriacError `CHORDS_UNSUPPORTED` before anything is sent.
 */
export async function carryOut(app: App, steps: readonly PlannedStep[], options: CarryOutOptions = {}): Promise<void> {
  const stored = steps.flatMap((step) => (step.kind === "publish" ? [] : [store(app, step)]));
  if (stored.length > 0) await Promise.all(stored);
  const [only, ...more] = steps;
  if (only?.kind === "publish" && more.length === 0) return publish(app, only.task, options);
  await Promise.all(steps.flatMap((step) => (step.kind === "publish" ? [publish(app, step.task, options)] : [])));
}

/** What was sent is recorded by whoever sends it: a group is one child, not many. */
async function publish(app: App, task: PlannedTask, { once = false }: CarryOutOptions): Promise<void> {
  const { id, task: name, args, kwargs, embed, rootId, parentId, group, groupIndex, replacedTaskNesting } = task;
  const compression = app.settings.taskCompression === null ? compressionOf(task) : undefined;
  await app.sendCall({
    name,
    args,
    options: {
      ...task.options,
      ...(compression === undefined ? {} : { compression }),
      kwargs,
      taskId: id,
      rootId,
      addToParent: false,
      ...(parentId === null ? {} : { parentId }),
      ...(group === null ? {} : { groupId: group }),
      ...(groupIndex === null ? {} : { groupIndex }),
    },
    embed,
    once,
    replacedTaskNesting,
  });
}

async function store(app: App, step: Exclude<PlannedStep, { readonly kind: "publish" }>): Promise<void> {
  const backend = chordBackend(app);
  switch (step.kind) {
    case "setChordSize":
      await backend.chords?.setSize(step.groupId, step.size);
      return;
    case "saveGroup":
      if (backend.chords !== undefined) await backend.groups.save(step.groupId, step.tuple);
      return;
    case "openChord":
      if (backend.chords === undefined) await sendUnlock(app, step);
  }
}

/** The app's result store, which a chord cannot do without. @throws CeleriacError `CHORDS_UNSUPPORTED` */
export function chordBackend(app: App): NonNullable<App["backend"]> {
  const { backend } = app;
  if (backend === undefined) {
    throw new CeleriacError(
      `App "${app.name}" has no result backend, and a chord needs one to know when its header is complete. Give the app one, for example createApp("${app.name}", { backend: redisBackend(url) }).`,
      { code: "CHORDS_UNSUPPORTED" },
    );
  }
  if (backend.refusesChords === undefined) return backend;
  throw new CeleriacError(`${backend.description} cannot join chords: ${backend.refusesChords}`, {
    code: "CHORDS_UNSUPPORTED",
  });
}

/** The task that looks for the header's results until all are there, on the body's queue. PROTOCOL 11.5. */
async function sendUnlock(app: App, step: Extract<PlannedStep, { readonly kind: "openChord" }>): Promise<void> {
  const { queue, priority } = step.body.options;
  await app.sendCall({
    name: "celery.chord_unlock",
    args: [step.groupId, step.body],
    options: {
      kwargs: { result: step.results },
      countdown: app.settings.resultChordRetryInterval,
      addToParent: false,
      ...(typeof queue === "string" ? { queue } : { queue: queueOf(app, step.body.task) }),
      ...(typeof priority === "number" ? { priority } : {}),
    },
  });
}

/** Where the body's task is sent when it does not say. */
function queueOf(app: App, task: string): string {
  return app.router.route({ name: task, args: [], kwargs: {}, options: {} }).route.routingKey;
}
