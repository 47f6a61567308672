import { readFileSync } from "node:fs";
import type { WireSignature } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import type { PlannedStep } from "../src/index.js";
import { fromJSON, plan } from "../src/index.js";
import { difference, newId } from "./same-structure.js";

interface Captured {
  readonly celery: string;
  readonly cases: readonly {
    readonly workflow: WireSignature;
    readonly args: readonly unknown[];
    readonly sent: readonly unknown[];
  }[];
}

const file = new URL("./vectors/random.json", import.meta.url);
const captured = JSON.parse(readFileSync(file, "utf8")) as Captured; // as capture.py writes it

/** Celery's Redis store counts: nothing has to look for the results. */
const isSeen = (step: PlannedStep): boolean => step.kind !== "openChord";

/** A step in the words of `capture.py`. */
function described(step: PlannedStep): unknown {
  if (step.kind === "setChordSize") return { kind: step.kind, group: step.groupId, size: step.size };
  if (step.kind === "saveGroup") return { kind: step.kind, group: step.groupId };
  if (step.kind === "openChord") return { kind: step.kind };
  const { id, task, group, groupIndex, rootId, parentId, args, kwargs, embed, options } = step.task;
  return {
    kind: step.kind,
    headers: { id, task, group, group_index: groupIndex, root_id: rootId, parent_id: parentId },
    queue: options.queue ?? "celery",
    body: [args, kwargs, embed],
  };
}

describe("random workflows", () => {
  it.each(captured.cases.map((given, index) => ({ ...given, index })))(
    "are planned as Celery sends them: $index",
    (given) => {
      const { steps } = plan(fromJSON(given.workflow), { newId, replyTo: newId(), args: given.args });
      expect(difference(steps.filter(isSeen).map(described), given.sent)).toBeUndefined();
    },
  );
});
