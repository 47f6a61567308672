/**
 * Result backends that break one promise about chords each, to prove that the contract notices.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { ChordEntry, ChordPart, ChordStanding, ChordStore, ResultBackend } from "@celeriac/core/ports";
import { type BrokenBackend, replaced } from "./broken-backends.js";

type Change = (chords: ChordStore) => Partial<ChordStore>;

/** A backend some of whose calls about chords are replaced. */
function chordsReplaced(change: Change): (backend: ResultBackend) => ResultBackend {
  return (backend) => {
    const { chords } = backend;
    if (chords === undefined) throw new Error("The memory backend joins chords.");
    return replaced(backend, { chords: { ...chords, ...change(chords) } });
  };
}

const partChanged = (change: (part: ChordPart) => Partial<ChordPart>): ReturnType<typeof chordsReplaced> =>
  chordsReplaced((chords) => ({
    addPart: (part, options) => chords.addPart({ ...part, ...change(part) }, options),
  }));

const standingChanged = (
  change: (standing: ChordStanding, part: ChordPart) => ChordStanding,
): ReturnType<typeof chordsReplaced> =>
  chordsReplaced((chords) => ({
    addPart: async (part, options) => change(await chords.addPart(part, options), part),
  }));

const entriesChanged = (
  change: (entries: readonly ChordEntry[]) => readonly ChordEntry[],
): ReturnType<typeof chordsReplaced> =>
  standingChanged((standing) =>
    standing.kind === "complete" ? { kind: "complete", entries: change(standing.entries) } : standing,
  );

/** Tells those who are too late what the finisher was told. */
const everybodyFinishes = (isShared: (entries: readonly ChordEntry[]) => boolean): ReturnType<typeof chordsReplaced> =>
  chordsReplaced((chords) => {
    let told: ChordStanding | undefined;
    return {
      async addPart(part, options) {
        const standing = await chords.addPart(part, options);
        if (standing.kind === "complete" && isShared(standing.entries)) told = standing;
        return standing.kind === "closed" ? (told ?? standing) : standing;
      },
    };
  });

/** Counts under another name from each call of `restart` on. */
const startingAnew = (restart: "setSize" | "close"): ReturnType<typeof chordsReplaced> =>
  chordsReplaced((chords) => {
    let round = 0;
    const nameOf = (groupId: string): string => `${groupId} ${round}`;
    return {
      setSize(groupId, ...rest) {
        if (restart === "setSize") round += 1;
        return chords.setSize(nameOf(groupId), ...rest);
      },
      extend: (groupId, ...rest) => chords.extend(nameOf(groupId), ...rest),
      addPart: (part, options) => chords.addPart({ ...part, groupId: nameOf(part.groupId) }, options),
      async close(groupId, options) {
        await chords.close(nameOf(groupId), options);
        if (restart === "close") round += 1;
      },
    };
  });

const countFaults: readonly BrokenBackend[] = [
  {
    fault: "lets everybody wait",
    noticedBy: "the last task of a chord finishes it, the others wait",
    wrap: standingChanged(() => ({ kind: "waiting" })),
  },
  {
    fault: "knows no chord of one task",
    noticedBy: "a chord of one task is finished by it",
    wrap: standingChanged((standing) =>
      standing.kind === "complete" && standing.entries.length === 1 ? { kind: "waiting" } : standing,
    ),
  },
  {
    fault: "begins anew when the size is set again",
    noticedBy: "the same size again changes nothing",
    wrap: startingAnew("setSize"),
  },
  {
    fault: "drops what comes before the size",
    noticedBy: "a size that is set late still counts what came before",
    wrap: chordsReplaced((chords) => {
      let isKnown = false;
      return {
        setSize(...call) {
          isKnown = true;
          return chords.setSize(...call);
        },
        addPart: async (...call) => (isKnown ? chords.addPart(...call) : { kind: "waiting" }),
      };
    }),
  },
  {
    fault: "takes an unknown size for 1",
    noticedBy: "a chord of unknown size waits",
    wrap: partChanged(({ size }) => ({ size: size ?? 1 })),
  },
  ...["the size that a task brings counts when the store has none", "a size that was lost is taken from the tasks"].map(
    (noticedBy) => ({
      fault: "does not read the size that a task brings",
      noticedBy,
      wrap: partChanged(() => ({ size: null })),
    }),
  ),
  {
    fault: "believes the task rather than the store",
    noticedBy: "the store's size counts when a task brings another",
    wrap: chordsReplaced((chords) => ({
      async addPart(part, options) {
        if (part.size !== null) await chords.setSize(part.groupId, part.size, options);
        return chords.addPart(part, options);
      },
    })),
  },
  {
    fault: "extends nothing",
    noticedBy: "an extended chord waits for the additional member too",
    wrap: chordsReplaced(() => ({ extend: async () => undefined })),
  },
  {
    fault: "counts every extension",
    noticedBy: "extending a chord by the same member counts it once",
    wrap: chordsReplaced((chords) => ({
      extend: (groupId, _memberId, options) => chords.extend(groupId, randomUUID(), options),
    })),
  },
  {
    fault: "extends a chord once only",
    noticedBy: "extending a chord by two members counts both",
    wrap: chordsReplaced((chords) => ({
      extend: (groupId, _memberId, options) => chords.extend(groupId, "the same", options),
    })),
  },
  {
    fault: "folds the case of group ids",
    noticedBy: "chords are counted apart",
    wrap: partChanged(({ groupId }) => ({ groupId: groupId.toLowerCase() })),
  },
];

const entryFaults: readonly BrokenBackend[] = [
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

const onceFaults: readonly BrokenBackend[] = [
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
];

const callFaults: readonly BrokenBackend[] = [
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
];

export const brokenChords: readonly BrokenBackend[] = [...countFaults, ...entryFaults, ...onceFaults, ...callFaults];
