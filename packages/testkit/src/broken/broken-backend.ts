/**
 * How a sound result backend is made to break one promise, from outside: by standing between it and its user.
 * @module
 */
import type { GroupStore, ResultBackend, WatchOptions } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";

/** One broken promise, and the case that must notice it. */
export interface BrokenBackend {
  /** What the backend does: `a result backend that ${fault}`. */
  readonly fault: string;
  /** Name of a case of `backendContract`. */
  readonly noticedBy: string;
  /**
   * The backend with the fault. One without the ability that the fault is about comes back as it was.
   * @param notes - Shared by all backends of one fixture, for faults of one that another one suffers from.
   */
  readonly wrap: (backend: ResultBackend, notes: Set<string>) => ResultBackend;
}

type Wrap = BrokenBackend["wrap"];

/** `backend` with some members replaced. */
export function replaced(backend: ResultBackend, members: Partial<ResultBackend>): ResultBackend {
  return {
    description: backend.description,
    watcher: backend.watcher,
    groups: backend.groups,
    ...(backend.chords === undefined ? {} : { chords: backend.chords }),
    store: (...call) => backend.store(...call),
    fetch: (...call) => backend.fetch(...call),
    forget: (...call) => backend.forget(...call),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
    ...members,
  };
}

/** A backend that stores something else. */
export function recordsChanged(change: (record: ResultRecord) => ResultRecord): Wrap {
  return (backend) => replaced(backend, { store: (record, options) => backend.store(change(record), options) });
}

type OnMeta = (meta: ResultMeta) => void;

/** A backend whose watchers hear something else. `change` is called for every watcher. */
export function watchersChanged(
  change: (onMeta: OnMeta, taskId: string, backend: ResultBackend) => OnMeta | Promise<OnMeta>,
): Wrap {
  return watchReplaced(async (backend, taskId, onMeta, options) =>
    backend.watcher.watch(taskId, await change(onMeta, taskId, backend), options),
  );
}

/** A backend that watches in another way. */
export function watchReplaced(
  watch: (
    backend: ResultBackend,
    taskId: string,
    onMeta: OnMeta,
    options: WatchOptions | undefined,
  ) => Promise<AsyncDisposable>,
): Wrap {
  return (backend) =>
    replaced(backend, {
      watcher: { watch: (taskId, onMeta, options) => watch(backend, taskId, onMeta, options) },
    });
}

export function groupsChanged(change: (groups: GroupStore) => Partial<GroupStore>): Wrap {
  return (backend) => {
    const { groups } = backend;
    return replaced(backend, {
      groups: {
        save: (...call) => groups.save(...call),
        restore: (...call) => groups.restore(...call),
        delete: (...call) => groups.delete(...call),
        ...change(groups),
      },
    });
  };
}

/** Watching nothing. */
export const deafWatch: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

/** A state that nobody stored. */
export function pendingMeta(taskId: string): ResultMeta {
  const nothing = { result: null, traceback: null, children: null, dateDoneMs: null, extra: {} };
  return { taskId, status: "PENDING", ...nothing };
}
