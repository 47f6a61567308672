import type { Screen } from "../screen/screen.js";
import type { Stage } from "../stage/stage.js";

/** What a scene needs. */
export interface SceneContext {
  readonly stage: Stage;
  readonly screen: Screen;
  /** Aborts when the show is over. */
  readonly signal: AbortSignal;
}

/** One thing to see. */
export interface Scene {
  readonly title: string;
  /** Plays it; resolves with what was seen, for the summary. */
  play(context: SceneContext): Promise<string>;
}
