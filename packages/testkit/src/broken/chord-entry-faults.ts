import type { BrokenBackend } from "./broken-backend.js";
import { chordsReplaced, entriesChanged, partChanged } from "./broken-chords.js";

/** Backends that tell the results of a chord in another way than they say. */
export const chordEntryFaults: readonly BrokenBackend[] = [
  {
    fault: "tells the results backwards",
    noticedBy: "results are in the header's order, not in that of their coming",
    wrap: entriesChanged((entries) => [...entries].reverse()),
  },
  {
    fault: "puts tasks without a place in front",
    noticedBy: "tasks that have no place come last",
    wrap: partChanged(({ groupIndex }) => ({ groupIndex: groupIndex ?? -1 })),
  },
  {
    fault: "keeps one result per place",
    noticedBy: "tasks that share a place are all there",
    wrap: partChanged(({ groupIndex }) => ({ taskId: `at ${groupIndex}` })),
  },
  {
    fault: "forgets who failed",
    noticedBy: "failures come as data, with their state",
    wrap: partChanged(() => ({ status: "SUCCESS" })),
  },
  {
    fault: "rounds integers",
    noticedBy: "results of every type come back as they were",
    wrap: entriesChanged((entries) =>
      entries.map((entry) => (typeof entry.result === "bigint" ? { ...entry, result: Number(entry.result) } : entry)),
    ),
  },
  {
    fault: "folds the case of task ids",
    noticedBy: "odd task ids are kept apart, repeated or not",
    wrap: partChanged(({ taskId }) => ({ taskId: taskId.toLowerCase() })),
  },
  {
    fault: "tells a thousand results at most",
    noticedBy: "a header of 10,000 tasks is joined without growing slower",
    wrap: entriesChanged((entries) => entries.slice(0, 1000)),
  },
  {
    fault: "lets the last result win",
    noticedBy: "the first result of a task stays, whatever it returns the second time",
    wrap: chordsReplaced((chords) => {
      const latest = new Map<string, unknown>();
      return {
        async addPart(part, options) {
          latest.set(part.taskId, JSON.parse(part.result));
          const standing = await chords.addPart(part, options);
          if (standing.kind !== "complete") return standing;
          const entries = standing.entries.map((entry) => ({ ...entry, result: latest.get(entry.taskId) }));
          return { kind: "complete", entries };
        },
      };
    }),
  },
];
