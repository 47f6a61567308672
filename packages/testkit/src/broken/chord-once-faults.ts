import { randomUUID } from "node:crypto";
import type { ChordEntry } from "@celeriac/core/ports";
import { type BrokenBackend, replaced } from "./broken-backend.js";
import { chordsReplaced, everybodyFinishes, partChanged, standingChanged, startingAnew } from "./broken-chords.js";

/** Backends by which a chord is finished twice, or never, or after it was closed. */
export const chordOnceFaults: readonly BrokenBackend[] = [
  {
    fault: "counts deliveries instead of tasks",
    noticedBy: "a task that is redelivered counts once",
    wrap: partChanged(({ taskId }) => ({ taskId: `${taskId} ${randomUUID()}` })),
  },
  {
    fault: "counts deliveries of tasks without a place",
    noticedBy: "a task without a place that is redelivered counts once",
    wrap: partChanged(({ taskId, groupIndex }) => (groupIndex === null ? { taskId: `${taskId} ${randomUUID()}` } : {})),
  },
  {
    fault: "tells the finisher only once",
    noticedBy: "the finisher is told again when it is redelivered, with the same results",
    wrap: chordsReplaced((chords) => {
      let isTold = false;
      return {
        async addPart(...call) {
          const standing = await chords.addPart(...call);
          if (standing.kind !== "complete") return standing;
          if (isTold) return { kind: "closed" };
          isTold = true;
          return standing;
        },
      };
    }),
  },
  {
    fault: "lets those wait who are too late",
    noticedBy: "once a task finishes the chord, the others are told that it is closed",
    wrap: standingChanged((standing) => (standing.kind === "closed" ? { kind: "waiting" } : standing)),
  },
  {
    fault: "counts in one step and claims in another",
    noticedBy: "of fifty tasks that end at once in several workers one finishes the chord",
    wrap: everybodyFinishes(() => true),
  },
  {
    fault: "closes nothing",
    noticedBy: "nobody finishes a chord that is closed",
    wrap: chordsReplaced(() => ({ close: async () => undefined })),
  },
  {
    fault: "forgets that a chord was closed",
    noticedBy: "a closed chord does not begin anew",
    wrap: startingAnew("close"),
  },
  {
    fault: "refuses to close what it does not know",
    noticedBy: "closing twice is safe, and a chord that nobody knows too",
    wrap: chordsReplaced((chords) => ({
      async close(groupId, options) {
        if (groupId === "unknown") throw new Error("There is no such chord.");
        await chords.close(groupId, options);
      },
    })),
  },
  {
    fault: "tells everybody about a failed header",
    noticedBy: "a failed header is finished once as well",
    wrap: everybodyFinishes((entries) => entries.some(({ status }) => status === "FAILURE")),
  },
  {
    fault: "adds what comes too late",
    noticedBy: "what comes for a chord that is being finished does not change it",
    wrap: chordsReplaced((chords) => {
      const late: ChordEntry[] = [];
      return {
        async addPart(part, options) {
          const standing = await chords.addPart(part, options);
          if (standing.kind === "closed") late.push({ taskId: part.taskId, status: part.status, result: null });
          if (standing.kind !== "complete") return standing;
          return { kind: "complete", entries: [...standing.entries, ...late] };
        },
      };
    }),
  },
  {
    fault: "does not look at signals",
    noticedBy: "an aborted signal rejects a call about a chord with its reason",
    wrap: chordsReplaced((chords) => ({ addPart: (part) => chords.addPart(part) })),
  },
  {
    fault: "counts after it was closed",
    noticedBy: "every call about a chord on a closed backend is refused as BACKEND_CLOSED",
    wrap: (backend) => replaced(backend, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "ignores deadlines of calls about chords",
    noticedBy: "a call about a chord that gets no answer fails at its deadline",
    wrap: chordsReplaced((chords) => ({
      addPart: (part, { timeoutMs, ...options } = {}) => chords.addPart(part, options),
    })),
  },
];
