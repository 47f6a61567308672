import type { Embed, ResultTuple, SendOptions, WireSignature } from "@celeriac/core";
import { optionsFromWire } from "@celeriac/core";
import { callbacksIn } from "../composite/links.js";
import type { WireOptions } from "../composite/merge.js";
import { isGiven, omit, textIn } from "../composite/merge.js";
import { isSignature } from "../composite/parts.js";

/** One task message to publish. */
export interface PlannedTask {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Queue, countdown, priority, stamps and the like; what has its own member here is left out. */
  readonly options: SendOptions;
  readonly embed: Embed;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly group: string | null;
  readonly groupIndex: number | null;
  /** How often what is sent has replaced another task. */
  readonly replacedTaskNesting: number;
}

/** What to do, in order. */
export type PlannedStep =
  | { readonly kind: "publish"; readonly task: PlannedTask }
  /** For result stores that cannot count: somebody has to look for the header's results until all are there. */
  | {
      readonly kind: "openChord";
      readonly groupId: string;
      readonly body: WireSignature;
      readonly results: readonly ResultTuple[];
    }
  /** Results a chord waits for, in the result store before its last header message is published. */
  | { readonly kind: "setChordSize"; readonly groupId: string; readonly size: number }
  /** In the result store: a header with groups inside is read back in that shape. */
  | { readonly kind: "saveGroup"; readonly groupId: string; readonly tuple: ResultTuple };

/** The task that is sending, or ids given by the caller. */
export interface Ancestry {
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
}

/** What has a member of its own in a planned task, or is a mark for Celery's own objects. */
const STRUCTURE = [
  "task_id",
  "link",
  "link_error",
  "chain",
  "chord",
  "root_id",
  "parent_id",
  "group_id",
  "group_index",
];

/** A signature that has its id, as the message that it stands for. */
export function planTask(signature: WireSignature, id: string, ancestry: Ancestry): PlannedTask {
  const { task, args, kwargs, options } = signature;
  const { chain, chord, group_index: groupIndex, replaced_task_nesting: nesting } = options;
  return {
    id,
    task,
    args,
    kwargs,
    options: optionsFromWire(omit(options, ...STRUCTURE)),
    embed: {
      callbacks: listOrNull(options, "link"),
      errbacks: listOrNull(options, "link_error"),
      chain: Array.isArray(chain) ? chain.filter(isSignature) : null,
      chord: isSignature(chord) ? chord : null,
    },
    rootId: textIn(options, "root_id") ?? ancestry.rootId ?? id,
    parentId: textIn(options, "parent_id") ?? ancestry.parentId ?? null,
    group: textIn(options, "group_id") ?? null,
    groupIndex: typeof groupIndex === "number" ? groupIndex : null,
    replacedTaskNesting: typeof nesting === "number" ? nesting : 0,
  };
}

function listOrNull(options: WireOptions, name: "link" | "link_error"): readonly WireSignature[] | null {
  const list = callbacksIn(options, name).filter(isGiven);
  return list.length === 0 ? null : list;
}
