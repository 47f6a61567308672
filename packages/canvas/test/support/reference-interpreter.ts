/** What workflows mean, without any of the machinery that runs them: one function per composite. */
import type { Shape } from "./random-workflow.js";
import { mix } from "./random-workflow.js";

/** The result of a workflow. */
export function evaluate(shape: Shape): unknown {
  // As in Celery a group of one that returns a group's list returns that list.
  const only = shape.kind === "group" ? membersOf(shape) : [];
  const [first] = only;
  if (first !== undefined && only.length === 1 && returnsList(first)) return resultOf(first, []);
  return resultOf(shape, []);
}

/** @param incoming - The result of what comes before, if anything does. */
function resultOf(shape: Shape, incoming: readonly unknown[]): unknown {
  switch (shape.kind) {
    case "task":
      return mix(...(shape.immutable ? [] : incoming), ...shape.args);
    case "chain": {
      let sofar = incoming;
      for (const step of stepsOf(shape)) sofar = [resultOf(step, sofar)];
      return sofar[0];
    }
    case "group":
      return membersOf(shape).map((member) => resultOf(member, incoming));
    case "chord": {
      const header = membersOf({ kind: "group", parts: shape.parts });
      return resultOf(shape.body, [header.map((member) => resultOf(member, incoming))]);
    }
  }
}

/** A chain inside a chain is its steps, a group of one is its member, what does nothing is not there. */
function stepsOf(shape: Shape): readonly Shape[] {
  if (shape.kind === "chain") return shape.parts.flatMap(stepsOf);
  const [only, ...more] = shape.kind === "group" ? membersOf(shape) : [];
  return only === undefined || more.length > 0 ? [shape] : stepsOf(only);
}

/** A group inside a group is its members; a chain of one step is that step. */
function membersOf(shape: Shape): readonly Shape[] {
  if (shape.kind === "group") return shape.parts.flatMap(membersOf);
  if (shape.kind !== "chain") return [shape];
  const [only, ...more] = stepsOf(shape);
  if (only === undefined) return [];
  return more.length > 0 ? [shape] : membersOf(only);
}

/** Whether the result is the list of a group. */
export function returnsList(shape: Shape): boolean {
  switch (shape.kind) {
    case "task":
      return false;
    case "group":
      return true;
    case "chord":
      return returnsList(shape.body);
    case "chain": {
      const last = stepsOf(shape).at(-1);
      return last !== undefined && returnsList(last);
    }
  }
}
