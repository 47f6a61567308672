import type { CallOptions, ResultWatcher, WatchOptions } from "@celeriac/core/ports";
import type { ResultMeta } from "@celeriac/core/protocol";
import type { KnownState } from "./known-state.js";
import type { ResultTable } from "./result-table.js";

/**
 * Tells of every state of a task. Subscribed and read in one turn, so nothing comes between; what was sent while the
 * connection was away is in the queue, and comes in order once it is back.
 */
export class RpcWatcher implements ResultWatcher {
  readonly #table: ResultTable;
  readonly #listen: (doing: string, call: CallOptions | undefined) => Promise<unknown>;
  readonly #onErrors = new Set<(error: unknown) => void>();

  /** @param listen - Resolves once messages come. @throws BackendError */
  constructor(table: ResultTable, listen: (doing: string, call: CallOptions | undefined) => Promise<unknown>) {
    this.#table = table;
    this.#listen = listen;
  }

  async watch(
    taskId: string,
    onMeta: (meta: ResultMeta) => void,
    options: WatchOptions = {},
  ): Promise<AsyncDisposable> {
    await this.#listen(`watching task ${taskId}`, options);
    const onError = options.onError ?? (() => undefined);
    const report = (error: unknown): void => onError(error); // of its own, as one function may serve several watches
    const tell = (state: KnownState): void => {
      try {
        if (state.kind === "meta") onMeta(state.meta);
        else onError(state.error);
      } catch (error) {
        onError(error);
      }
    };
    const stop = this.#table.listen(taskId, tell);
    this.#onErrors.add(report);
    const known = this.#table.get(taskId);
    if (known !== undefined) tell(known);
    return {
      [Symbol.asyncDispose]: async () => {
        stop();
        this.#onErrors.delete(report);
      },
    };
  }

  /** Tells every watcher of a fault that they outlive. */
  report(error: unknown): void {
    for (const onError of this.#onErrors) onError(error);
  }
}
