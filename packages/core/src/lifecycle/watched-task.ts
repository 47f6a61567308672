import type { ResultMeta } from "../protocol/result-meta.js";

/** Who waits for a task. */
export interface Listener {
  readonly onMeta: (meta: ResultMeta) => void;
  readonly onError: (error: unknown) => void;
  /** The mark of the last state that it has heard of. */
  heard: string | undefined;
}

/** A task while somebody waits for it. */
export class WatchedTask {
  readonly taskId: string;
  readonly listeners: Set<Listener> = new Set();
  /** Of the last state read; stores change it. */
  mark: string | undefined;
  /** Whether its result is final, so that there is no need to look again. */
  isFinal = false;

  constructor(taskId: string) {
    this.taskId = taskId;
  }

  /** Tells those who have not heard of this state. */
  tell(mark: string, meta: ResultMeta): void {
    this.mark = mark;
    this.isFinal = meta.status === "SUCCESS";
    for (const listener of [...this.listeners]) {
      if (listener.heard === mark) continue;
      listener.heard = mark;
      try {
        listener.onMeta(meta);
      } catch (error) {
        listener.onError(error);
      }
    }
  }

  report(error: unknown): void {
    for (const listener of [...this.listeners]) listener.onError(error);
  }
}
