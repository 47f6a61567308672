import { setTimeout as sleep } from "node:timers/promises";
import type { SceneContext } from "./scene.js";

const EVERY_MS = 1_500;

/** A task every moment, from the first curtain to the last: whatever else happens, these go on. */
export class SteadyTasks {
  readonly #pids = new Set<number>();
  readonly #done: Promise<void>;
  #count = 0;

  constructor({ stage, screen, signal }: SceneContext) {
    const run = async (): Promise<void> => {
      for (let n = 1; !signal.aborted; n += 1) {
        const startedAt = performance.now();
        const { value, pid } = await stage.demo.square.delay(n).get({ signal });
        this.#count += 1;
        this.#pids.add(pid);
        const tookMs = Math.round(performance.now() - startedAt);
        screen.say("steady", `square(${n}) = ${value}, ${tookMs} ms, in child ${pid}`);
        await sleep(EVERY_MS, undefined, { signal });
      }
    };
    this.#done = run().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    this.#done.catch(() => undefined); // reported by `finish`
  }

  /** For the summary. @throws what went wrong with one of them, if anything did. */
  async finish(): Promise<string> {
    await this.#done;
    return `${this.#count} steady tasks, run by ${this.#pids.size} child processes (${[...this.#pids].join(", ")})`;
  }
}
