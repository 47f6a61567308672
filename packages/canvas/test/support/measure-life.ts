/** What a workflow costs on the wire, first messages and all later ones, as workers that only add numbers would send them. */
import type { SignatureLike } from "@celeriac/core";
import { createCompressions, encodeJson } from "@celeriac/core";
import type { PlannedStep, PlannedTask } from "../../src/index.js";
import { compressionOf, encodePlanned, followerIds, plan, planBody, planSuccessors } from "../../src/index.js";

export interface Life {
  readonly messages: number;
  /** Bodies and headers of what the caller sends. */
  readonly firstBytes: number;
  /** The same of everything that is sent until the end. */
  readonly allBytes: number;
  /** Of the largest message. */
  readonly largestBytes: number;
}

const compressions = createCompressions();
const settings = { errbacksOnChordHeader: false, inheritPriority: false };

export function measureLife(workflow: SignatureLike): Life {
  const sizes: number[] = [];
  const waiting = new Map<string, { left: number; readonly size: number }>();
  const queue: PlannedTask[] = [];
  const take = (steps: readonly PlannedStep[]): void => {
    for (const step of steps) {
      if (step.kind === "setChordSize") waiting.set(step.groupId, { left: step.size, size: step.size });
      if (step.kind !== "publish") continue;
      queue.push(step.task);
      const name = compressionOf(step.task);
      const compression = name === undefined ? {} : { compression: compressions.byName(name) };
      const { body, headers } = encodePlanned(step.task, { nowMs: 0, origin: "gen1@host", ...compression });
      sizes.push(body.length + Buffer.byteLength(encodeJson(headers)));
    }
  };
  const newId = followerIds("measured", "id"); // the same ids each time: random ones do not compress equally
  take(plan(workflow, { newId, replyTo: newId() }).steps);
  const firstBytes = sumOf(sizes);
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    const followed = { ...task, priority: null, replyTo: null };
    take(planSuccessors(followed, 1, settings).steps);
    const chord = task.group === null ? undefined : waiting.get(task.group);
    if (chord === undefined || task.embed.chord === null) continue;
    chord.left -= 1;
    if (chord.left === 0) take(planBody(followed, task.embed.chord, Array(chord.size).fill(1), settings).steps);
  }
  return { messages: sizes.length, firstBytes, allBytes: sumOf(sizes), largestBytes: Math.max(...sizes) };
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
