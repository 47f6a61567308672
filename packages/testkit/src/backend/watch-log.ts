import { systemClock } from "@celeriac/core/lifecycle";
import type { ResultBackend } from "@celeriac/core/ports";
import type { ResultMeta } from "@celeriac/core/protocol";
import type { ContractTiming } from "../contract-case.js";
import { eventually } from "../eventually.js";

/** Everything one watcher heard, in order. */
export class WatchLog implements AsyncDisposable {
  readonly metas: ResultMeta[] = [];
  readonly #timing: ContractTiming;
  #watching: AsyncDisposable | undefined;

  private constructor(timing: ContractTiming) {
    this.#timing = timing;
  }

  static async open(backend: ResultBackend, taskId: string, timing: ContractTiming): Promise<WatchLog> {
    const log = new WatchLog(timing);
    log.#watching = await backend.watcher.watch(taskId, (meta) => log.metas.push(meta));
    return log;
  }

  /** What was heard, as `STATE` or `STATE:result`. */
  get heard(): readonly string[] {
    return this.metas.map((meta) => `${meta.status}:${JSON.stringify(meta.result)}`);
  }

  /** Waits until `last` has been heard; fails when it does not come. */
  async until(last: string): Promise<readonly string[]> {
    await eventually(
      () => this.heard.includes(last),
      this.#timing.settleMs,
      `expected to hear ${last}, heard [${this.heard.join(", ")}]`,
    );
    return this.heard;
  }

  /** Gives unwanted news time to arrive. */
  async pause(): Promise<void> {
    await systemClock.sleep(this.#timing.quietMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watching?.[Symbol.asyncDispose]();
  }
}
