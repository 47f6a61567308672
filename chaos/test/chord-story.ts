/**
 * Synthetic ledgers with chords: what a sound run would have written, to be bent by each test.
 * @module
 */
import type { Audit } from "../src/auditor/audit.js";
import type { StoredResult } from "../src/auditor/chords/chord-store.js";
import { LedgerStory } from "./ledger-story.js";

export interface Place {
  readonly boot?: string;
  readonly pid?: number;
}

/** One chord, number 7, told step by step; `t`: its tasks. */
export class ChordStory {
  readonly ledger = new LedgerStory();
  readonly size: number;
  readonly fails: boolean;
  readonly results = new Map<string, StoredResult>();
  #values: string[] = [];

  constructor(size = 2, fails = false) {
    this.size = size;
    this.fails = fails;
    this.ledger.tell({
      kind: "W",
      id: "-",
      extra: { chord: 7, size, fails, body: "b7", group: "g7", phase: "intended" },
    });
    this.ledger.tell({ kind: "W", id: "-", extra: { chord: 7, phase: "confirmed" } });
  }

  /** A header task runs; `value` is what it returns, none when it raises. */
  part(index: number, value: string | undefined, place: Place = {}): this {
    const at = { id: `p${index}`, ...place };
    const about = { chord: 7, role: "part", index };
    this.ledger.accepted(at.id).tell({ kind: "S", ...at, extra: about });
    const out = value === undefined ? "raise" : "ok";
    this.ledger.tell({ kind: "E", ...at, extra: { ...about, out, ...(value === undefined ? {} : { value }) } });
    this.ledger.acked(at);
    if (value !== undefined) this.#values[index] = value;
    return this;
  }

  /** All header tasks run in order. */
  header(): this {
    for (let index = 0; index < this.size; index += 1) {
      this.part(index, this.fails && index === 0 ? undefined : `${index}:w1.1:100:${index}`);
    }
    return this;
  }

  stored(role: "body" | "errback", id = role === "body" ? "b7" : "e7"): this {
    this.ledger.accepted(id).tell({ kind: "B", id, boot: "driver", pid: 2, extra: { chord: 7, role } });
    return this;
  }

  started(role: "body" | "errback", list: readonly unknown[] = this.#values, place: Place = {}, id?: string): this {
    const given = role === "body" ? { list, length: list.length } : {};
    const at = { id: id ?? (role === "body" ? "b7" : "e7"), ...place };
    this.ledger.tell({ kind: "S", ...at, extra: { chord: 7, role, ...given } });
    if (role === "body") this.results.set(at.id, { status: "SUCCESS", value: list });
    return this;
  }

  ended(role: "body" | "errback", place: Place = {}, id?: string): this {
    const at = { id: id ?? (role === "body" ? "b7" : "e7"), ...place };
    this.ledger.tell({ kind: "E", ...at, extra: { chord: 7, role, out: "ok" } }).acked(at);
    return this;
  }

  /** The body, or the errback of a chord that fails, from the broker to its end. */
  finished(): this {
    const role = this.fails ? "errback" : "body";
    if (this.fails) this.results.set("b7", { status: "FAILURE", value: { exc_type: "ChordError" } });
    return this.stored(role).started(role).ended(role);
  }

  judge(leftovers: readonly string[] = []): Audit {
    const ends = this.ledger.entries.filter((entry) => entry.kind === "E");
    const statuses = new Map(ends.map(({ id, extra }) => [id, extra.out === "raise" ? "FAILURE" : "SUCCESS"]));
    return this.ledger.judge("late", { results: statuses, chords: { results: this.results, leftovers } });
  }
}
