import type { Stage } from "../stage/stage.js";

/** One promise of the demo, checked with assertions. */
export interface Check {
  readonly name: string;
  /** Rejects when the promise is broken. */
  run(stage: Stage, signal: AbortSignal): Promise<void>;
}
