/** Random workflows as plain data, the same for the same seed, and what they are built of. */
import type { Workflow } from "../../src/index.js";
import { chain, chord, group, signatureOf } from "../../src/index.js";

export type Shape =
  | { readonly kind: "task"; readonly args: readonly number[]; readonly immutable: boolean }
  | { readonly kind: "chain" | "group"; readonly parts: readonly Shape[] }
  | { readonly kind: "chord"; readonly parts: readonly Shape[]; readonly body: Shape };

/** The one task that random workflows are made of: what it returns tells apart every argument and every order of them. */
export const MIX = "canvas.mix";

/** A number from the JSON text of the arguments, the same in every language: a polynomial modulo a prime. */
export function mix(...args: readonly unknown[]): number {
  let sum = 7;
  for (const char of JSON.stringify(args)) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_003;
  return sum;
}

/** Uniform numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A workflow with a result, up to `depth` composites deep. Left out is what is refused when it is called: a member of
 * a header that ends in a group without tasks.
 */
export function randomShape(dice: () => number, depth = 4): Shape {
  for (;;) {
    const shape = anyShape(dice, depth);
    if (hasResult(shape) && runsEverywhere(shape)) return shape;
  }
}

function anyShape(dice: () => number, depth: number): Shape {
  const whole = (count: number): number => Math.floor(dice() * count);
  const parts = (most: number): readonly Shape[] =>
    Array.from({ length: whole(most + 1) }, () => anyShape(dice, depth - 1));
  const roll = dice();
  if (depth === 0 || roll < 0.3) {
    const args = Array.from({ length: whole(3) }, () => whole(100));
    return { kind: "task", args, immutable: dice() < 0.15 };
  }
  if (roll < 0.6) return { kind: "chain", parts: parts(4) };
  if (roll < 0.8) return { kind: "group", parts: parts(3) };
  return { kind: "chord", parts: parts(3), body: anyShape(dice, depth - 1) };
}

export function hasResult(shape: Shape): boolean {
  if (shape.kind === "chain") return shape.parts.some(hasResult);
  return shape.kind !== "chord" || hasResult(shape.body);
}

function runsEverywhere(shape: Shape): boolean {
  if (shape.kind === "task") return true;
  if (!shape.parts.every(runsEverywhere)) return false;
  if (shape.kind !== "chain" && shape.parts.some(returnsNothing)) return false;
  return shape.kind !== "chord" || (hasResult(shape.body) && runsEverywhere(shape.body));
}

/** What ends in a group without members would never be counted as a member of a header. */
function returnsNothing(shape: Shape): boolean {
  if (shape.kind === "chord") return isNothing(shape.body) || returnsNothing(shape.body);
  const last = shape.kind === "chain" ? shape.parts.findLast(hasResult) : undefined;
  return last !== undefined && (isNothing(last) || returnsNothing(last));
}

function isNothing(shape: Shape): boolean {
  return shape.kind === "group" && shape.parts.every((part) => isNothing(part) || !hasResult(part));
}

/** The workflow itself. @param name - Of the task. */
export function buildWorkflow(shape: Shape): Workflow<readonly unknown[], unknown> {
  switch (shape.kind) {
    case "task":
      return signatureOf(MIX, shape.args, { immutable: shape.immutable });
    case "chain":
      return chain(...shape.parts.map(buildWorkflow));
    case "group":
      return group(shape.parts.map(buildWorkflow));
    case "chord":
      return chord(shape.parts.map(buildWorkflow), buildWorkflow(shape.body));
  }
}
