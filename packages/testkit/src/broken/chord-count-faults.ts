import { randomUUID } from "node:crypto";
import type { BrokenBackend } from "./broken-backend.js";
import { chordsReplaced, partChanged, standingChanged, startingAnew } from "./broken-chords.js";

/** Backends that count the completions of a chord in another way than they say. */
export const chordCountFaults: readonly BrokenBackend[] = [
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
