import type { WireSignature } from "@celeriac/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan, Workflow } from "../src/index.js";
import { chain, chord, freeze, fromJSON, group, plan, signatureOf } from "../src/index.js";
import { leavesOf } from "./draw.js";

type Any = Workflow<readonly unknown[], unknown>;
type Shape =
  | { readonly kind: "task"; readonly immutable: boolean }
  | { readonly kind: "chain" | "group"; readonly parts: readonly Shape[] }
  | { readonly kind: "chord"; readonly parts: readonly Shape[]; readonly body: Shape };

const { shape } = fc.letrec<{ shape: Shape; task: Shape }>((tie) => ({
  task: fc.record({ kind: fc.constant("task" as const), immutable: fc.boolean() }),
  shape: fc.oneof(
    { depthSize: "small", maxDepth: 4, withCrossShrink: true },
    tie("task"),
    fc.record({
      kind: fc.constantFrom("chain" as const, "group" as const),
      parts: fc.array(tie("shape"), { maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant("chord" as const),
      parts: fc.array(tie("shape"), { maxLength: 3 }),
      body: tie("shape"),
    }),
  ),
}));

/** Tasks are named in the order in which they are written. */
function build(given: Shape, names = counter("t")): Any {
  if (given.kind === "task") return signatureOf(names(), [], { immutable: given.immutable });
  const parts = given.parts.map((part) => build(part, names));
  if (given.kind !== "chord") return given.kind === "chain" ? chain(...parts) : group(parts);
  const { body } = given;
  // A body must have a step.
  return chord(
    parts,
    build(tasksOf(body) > 0 ? body : { kind: "chain", parts: [{ kind: "task", immutable: false }] }, names),
  );
}

function counter(prefix: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}${count}`;
  };
}

function tasksOf(given: Shape): number {
  if (given.kind === "task") return 1;
  const body = given.kind === "chord" ? Math.max(1, tasksOf(given.body)) : 0;
  return given.parts.reduce((sum, part) => sum + tasksOf(part), body);
}

const planOf = (workflow: Any): Plan => plan(workflow, { newId: counter("id") });

/** Ids by task name, wherever in the plan the task is found: chord bodies travel in every header message. */
function idsIn(planned: Plan): ReadonlyMap<string, ReadonlySet<unknown>> {
  const found = new Map<string, Set<unknown>>();
  const add = (name: string, id: unknown): unknown => found.set(name, (found.get(name) ?? new Set()).add(id));
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("subtask_type" in value && value.subtask_type === null) {
      const { task, options } = value as WireSignature; // only signatures have this member
      add(task, options.task_id);
    }
    Object.values(value).forEach(visit);
  };
  for (const step of planned.steps) {
    if (step.kind !== "publish") continue;
    add(step.task.task, step.task.id);
    visit(step.task.embed);
  }
  return found;
}

describe("any workflow", () => {
  it("comes back from its dictionary unchanged", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const text = JSON.stringify(build(given).toJSON());
        expect(JSON.stringify(fromJSON(JSON.parse(text)).toJSON())).toBe(text);
      }),
    );
  });

  it("holds its tasks in the order in which they were written, however it was unfolded", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const names = counter("t");
        const expected = Array.from({ length: tasksOf(given) }, names);
        expect(leavesOf(build(given))).toEqual(expected);
        const workflow = build(given);
        if (expected.length > 0) expect(leavesOf(freezeAny(workflow))).toEqual(expected);
      }),
    );
  });

  it("is planned with each task once, under an id of its own", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const ids = idsIn(planOf(build(given)));
        expect(ids.size).toBe(tasksOf(given));
        const all = [...ids.values()].flatMap((set) => [...set]);
        expect(all).not.toContain(undefined);
        expect(all.length).toBe(ids.size);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  it("is planned the same way from the same ids, before and after a trip over the wire", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const workflow = build(given);
        const sent = fromJSON(JSON.parse(JSON.stringify(workflow.toJSON())));
        expect(planOf(sent)).toEqual(planOf(workflow));
      }),
    );
  });

  it("keeps the ids that freezing gave it", () => {
    fc.assert(
      fc.property(shape, (given) => {
        const workflow = build(given);
        if (tasksOf(given) === 0) return;
        const frozen = freezeAny(workflow);
        expect(idsIn(planOf(frozen))).toEqual(idsIn(planOf(freezeAny(frozen))));
        const published = planOf(frozen).steps.flatMap((step) => (step.kind === "publish" ? [step.task.id] : []));
        for (const id of published) expect(id).toMatch(/^frozen/);
      }),
    );
  });
});

function freezeAny(workflow: Any): Any {
  return freeze(workflow, { newId: counter("frozen") }).workflow;
}
