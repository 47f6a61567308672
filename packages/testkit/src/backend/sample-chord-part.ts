import type { ChordPart, ChordStanding } from "@celeriac/core/ports";

/** A completion of the header's task number `index`, called `t<index>`, that returned the index. */
export function samplePart(index: number, changes: Partial<ChordPart> = {}): ChordPart {
  return {
    groupId: "chord",
    taskId: `t${index}`,
    groupIndex: index,
    status: "SUCCESS",
    result: String(index),
    size: null,
    ...changes,
  };
}

/** `waiting`, `closed`, or the entries as `t0=0 t1=1`. */
export function standingText(standing: ChordStanding): string {
  if (standing.kind !== "complete") return standing.kind;
  return standing.entries.map(({ taskId, result }) => `${taskId}=${JSON.stringify(result)}`).join(" ");
}
