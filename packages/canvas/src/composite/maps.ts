import type { WireSignature } from "@celeriac/core";
import { makeGroup } from "./parts.js";

/** A message that calls a task several times. Immutable, as in Celery: it has all its arguments. */
export function makeMap(task: string, kwargs: Readonly<Record<string, unknown>>): WireSignature {
  return { task, args: [], kwargs, options: {}, subtask_type: null, immutable: true };
}

/** What Celery sends for chunks: a group of starmaps, one per chunk, with the options of the chunks. */
export function chunkGroup(wire: WireSignature): WireSignature {
  const { task, it, n } = wire.kwargs;
  const items: readonly unknown[] = Array.isArray(it) ? it : [];
  const size = typeof n === "number" ? n : 1;
  const count = Math.ceil(items.length / size);
  const parts = Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
  const members = parts.map((part) => makeMap("celery.starmap", { task, it: part }));
  return { ...makeGroup(members), options: wire.options };
}
