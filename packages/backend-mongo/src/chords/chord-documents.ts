/**
 * Reads and writes the documents of chords: one per chord, and one per completion.
 * @module
 */
import type { ChordPart } from "@celeriac/core/ports";
import type { Filter, UpdateFilter } from "mongodb";
import { duplicateKeys } from "../connect/duplicate-keys.js";
import type { OpenedServer, StoredChord, StoredDocument } from "../connect/mongo-server.js";

/** A chord's document. */
export interface ChordState {
  /** Completions to wait for without members that came later; `undefined` when nobody has said. */
  readonly size: number | undefined;
  /** How many members have been added to it. */
  readonly members: number;
  /** Recordings of completions, those of redelivered tasks included: never less than there are completions. */
  readonly arrived: number;
  /** The task that finishes it. */
  readonly finisher: string | undefined;
  readonly isClosed: boolean;
}

/** A completion as it is kept. */
export interface RecordedPart {
  readonly taskId: string;
  readonly position: number | undefined;
  readonly status: string;
  /** JSON text. */
  readonly result: string;
}

const UNDECIDED = { finisher: { $exists: false }, closed: { $exists: false } };
const EMPTY: StoredChord = { _id: "" };

export class ChordDocuments {
  readonly #opened: OpenedServer;
  readonly #nowMs: number;

  constructor(opened: OpenedServer, nowMs: number) {
    this.#opened = opened;
    this.#nowMs = nowMs;
  }

  async state(groupId: string): Promise<ChordState> {
    return stateOf((await this.#opened.chords.findOne({ _id: groupId })) ?? EMPTY);
  }

  /** Records completions; of a task that has one already, nothing. */
  async addParts(groupId: string, parts: readonly ChordPart[]): Promise<void> {
    const documents = parts.map(({ taskId, groupIndex, status, result }) => ({
      _id: `${groupId.length}:${groupId}:${taskId}`,
      group: groupId,
      task: taskId,
      position: groupIndex,
      status,
      result,
    }));
    try {
      await this.#opened.chordParts.insertMany(documents, { ordered: false });
    } catch (error) {
      const duplicates = duplicateKeys(error, documents.length);
      if (duplicates === undefined) throw error;
      if (!duplicates.isComplete && documents.length > 1)
        for (const part of parts) await this.addParts(groupId, [part]);
    }
  }

  /** Notes that completions were recorded. */
  async arrive(groupId: string, count: number): Promise<ChordState> {
    const update = { $inc: { arrived: count }, $set: this.#touch() };
    const options = { upsert: true, returnDocument: "after" } as const;
    const ask = (): Promise<StoredChord | null> =>
      this.#opened.chords.findOneAndUpdate({ _id: groupId }, update, options);
    const document = await ask().catch((error: unknown) => {
      if (duplicateKeys(error, 1) === undefined) throw error;
      return ask(); // somebody else inserted it just now
    });
    return stateOf(document ?? EMPTY);
  }

  countParts(groupId: string): Promise<number> {
    return this.#opened.chordParts.countDocuments({ group: groupId });
  }

  /** Lets the task finish the chord, unless another one does. */
  async choose(groupId: string, taskId: string): Promise<ChordState> {
    await this.#opened.chords.updateOne(
      { _id: groupId, ...UNDECIDED },
      { $set: { finisher: taskId, ...this.#touch() } },
    );
    return this.state(groupId);
  }

  async parts(groupId: string): Promise<readonly RecordedPart[]> {
    return (await this.#opened.chordParts.find({ group: groupId }).toArray()).map(partOf);
  }

  /** Once the chord is decided, nothing changes. */
  async setSize(groupId: string, size: number): Promise<void> {
    await this.#unlessDecided(groupId, { $set: { size, ...this.#touch() } });
  }

  /** Once the chord is decided, nothing changes. */
  async addMember(groupId: string, memberId: string): Promise<void> {
    await this.#unlessDecided(groupId, { $addToSet: { members: memberId }, $set: this.#touch() });
  }

  /** The document stays as a mark, until it expires. */
  async close(groupId: string): Promise<void> {
    const update = { $set: { closed: true, ...this.#touch() } };
    await this.#upsert({ _id: groupId }, update);
    await this.removeParts(groupId);
  }

  async removeParts(groupId: string): Promise<void> {
    await this.#opened.chordParts.deleteMany({ group: groupId });
  }

  #touch(): { readonly touched_at: Date } {
    return { touched_at: new Date(this.#nowMs) };
  }

  #unlessDecided(groupId: string, update: UpdateFilter<StoredChord>): Promise<void> {
    return this.#upsert({ _id: groupId, ...UNDECIDED }, update);
  }

  /** Where there is a document that the filter shuts out, inserting fails; one that was inserted just now, it finds. */
  async #upsert(filter: Filter<StoredChord>, update: UpdateFilter<StoredChord>): Promise<void> {
    try {
      await this.#opened.chords.updateOne(filter, update, { upsert: true });
    } catch (error) {
      if (duplicateKeys(error, 1) === undefined) throw error;
      await this.#opened.chords.updateOne(filter, update);
    }
  }
}

function stateOf({ size, members, arrived, finisher, closed }: StoredChord): ChordState {
  return {
    size: typeof size === "number" ? size : undefined,
    members: Array.isArray(members) ? members.length : 0,
    arrived: typeof arrived === "number" ? arrived : 0,
    finisher: typeof finisher === "string" ? finisher : undefined,
    isClosed: closed === true,
  };
}

function partOf({ task, position, status, result }: StoredDocument): RecordedPart {
  return {
    taskId: typeof task === "string" ? task : "",
    position: typeof position === "number" ? position : undefined,
    status: typeof status === "string" ? status : "",
    result: typeof result === "string" ? result : "null",
  };
}
