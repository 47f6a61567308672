import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import type { FromWorker, ToWorker } from "./worker-process.js";

/** The worker process as the driver sees it. */
export class WorkerHandle implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<WorkerHandle> {
    const child = fork(new URL("./worker-process.js", import.meta.url), { execArgv: [] });
    const handle = new WorkerHandle(child);
    await handle.next("ready");
    return handle;
  }

  tell(order: ToWorker): void {
    this.#child.send(order);
  }

  /** The next message of a type; others are dropped. */
  async next<T extends FromWorker["type"]>(type: T): Promise<Extract<FromWorker, { type: T }>> {
    for (;;) {
      const [message] = (await once(this.#child, "message")) as [FromWorker]; // only our program writes there
      if (message.type === type) return message as Extract<FromWorker, { type: T }>;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
