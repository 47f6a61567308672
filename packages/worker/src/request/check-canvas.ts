import type { Embed, WireSignature } from "@celeriac/core";
import { DecodeError } from "@celeriac/core";

/**
 * The message asks for something after the task that this version cannot do. Found before the body runs: found later, what
 * follows would be lost in silence.
 */
export class UnsupportedCanvasError extends DecodeError {
  /** Ids of tasks that will never run: somebody may wait for them. */
  readonly dependents: readonly string[];

  constructor(part: string, dependents: readonly string[]) {
    super(
      `The message's ${part}, which this version of Celeriac does not support. Let a Python worker consume this queue, or send the parts as single tasks.`,
      { code: "E_CANVAS" },
    );
    this.dependents = dependents;
  }
}

const COMPOSITES: ReadonlySet<string> = new Set(["celery.chain", "celery.group", "celery.chord"]);

/**
 * Refuses what the worker that finishes this task would have to unfold: callbacks and a next chain step that are chains,
 * groups or chords, and membership in a chord. Later chain steps are the business of the workers before them.
 * @throws UnsupportedCanvasError
 */
export function checkCanvas(embed: Embed): void {
  const { callbacks, errbacks, chain, chord } = embed;
  if (callbacks === null && errbacks === null && chain === null && chord === null) return;
  const part =
    (chord === null ? undefined : "chord makes it part of a chord") ??
    compositeIn(callbacks, "callbacks") ??
    compositeIn(errbacks, "errbacks") ??
    compositeIn(chain?.slice(-1) ?? null, "chain", (chain?.length ?? 0) - 1);
  if (part !== undefined) throw new UnsupportedCanvasError(part, dependentsOf(embed));
}

function compositeIn(list: readonly WireSignature[] | null, name: string, first = 0): string | undefined {
  const index = list?.findIndex(isComposite) ?? -1;
  if (list === null || index < 0) return undefined;
  const signature = list[index];
  return `${name}[${first + index}] is a ${signature?.subtask_type ?? signature?.task.slice("celery.".length)}`;
}

function isComposite({ task, subtask_type }: WireSignature): boolean {
  return subtask_type !== null || COMPOSITES.has(task);
}

function dependentsOf({ chain, chord }: Embed): readonly string[] {
  const signatures = chord === null ? (chain ?? []) : [...(chain ?? []), chord];
  return signatures.map(({ options }) => options.task_id).filter((id) => typeof id === "string");
}
