/**
 * How the chords of a sound backend are made to break one promise.
 * @module
 */
import type { ChordEntry, ChordPart, ChordStanding, ChordStore } from "@celeriac/core/ports";
import { type BrokenBackend, replaced } from "./broken-backend.js";

type Wrap = BrokenBackend["wrap"];
type Change = (chords: ChordStore) => Partial<ChordStore>;

/** A backend some of whose calls about chords are replaced. */
export function chordsReplaced(change: Change): Wrap {
  return (backend) => {
    const { chords } = backend;
    if (chords === undefined) return backend;
    return replaced(backend, {
      chords: {
        setSize: (...call) => chords.setSize(...call),
        extend: (...call) => chords.extend(...call),
        addPart: (...call) => chords.addPart(...call),
        close: (...call) => chords.close(...call),
        ...change(chords),
      },
    });
  };
}

export const partChanged = (change: (part: ChordPart) => Partial<ChordPart>): Wrap =>
  chordsReplaced((chords) => ({
    addPart: (part, options) => chords.addPart({ ...part, ...change(part) }, options),
  }));

export const standingChanged = (change: (standing: ChordStanding, part: ChordPart) => ChordStanding): Wrap =>
  chordsReplaced((chords) => ({
    addPart: async (part, options) => change(await chords.addPart(part, options), part),
  }));

export const entriesChanged = (change: (entries: readonly ChordEntry[]) => readonly ChordEntry[]): Wrap =>
  standingChanged((standing) =>
    standing.kind === "complete" ? { kind: "complete", entries: change(standing.entries) } : standing,
  );

/** Tells those who are too late what the finisher was told. */
export const everybodyFinishes = (isShared: (entries: readonly ChordEntry[]) => boolean): Wrap =>
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
export const startingAnew = (restart: "setSize" | "close"): Wrap =>
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
