import type { App, SendOptions } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";
import { compressionOf } from "../plan/compressed.js";
import type { PlannedStep, PlannedTask } from "../plan/planned-task.js";

/** Messages encoded before the event loop gets a turn: workers have the first ones while the others are made. */
const PER_TURN = 100;

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
  const tasks = steps.flatMap((step) => (step.kind === "publish" ? [step.task] : []));
  const sends: Promise<unknown>[] = [];
  for (let from = 0; from < tasks.length; from += PER_TURN) {
    const slice = Promise.all(tasks.slice(from, from + PER_TURN).map((task) => publish(app, task, options)));
    slice.catch(() => undefined); // it rejects below, for whoever waits
    sends.push(slice);
    if (from + PER_TURN < tasks.length) await nextTurn();
  }
  await Promise.all(sends);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What was sent is recorded by whoever sends it: a group is one child, not many. */
async function publish(app: App, task: PlannedTask, { once = false }: CarryOutOptions): Promise<void> {
  const { id, task: name, args, kwargs, embed, rootId, parentId, group, groupIndex, replacedTaskNesting } = task;
  const compression = app.settings.taskCompression === null ? compressionOf(task) : undefined;
  // Built up, not spread together: this runs for every member of a header, and spreading costs as much as encoding.
  const call: Writable<SendOptions> = Object.assign({}, task.options);
  if (compression !== undefined) call.compression = compression;
  call.kwargs = kwargs;
  call.taskId = id;
  call.rootId = rootId;
  call.addToParent = false;
  if (parentId !== null) call.parentId = parentId;
  if (group !== null) call.groupId = group;
  if (groupIndex !== null) call.groupIndex = groupIndex;
  await app.sendCall({ name, args, options: call, embed, once, replacedTaskNesting });
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
