/**
 * What befalls chords beside the death of workers: header messages are stored twice, at once or when the body is already
 * on its way, and the header's size is lost. So any member of a chord may come again, with another result, before, at and
 * after the end of its header. Bodies and errbacks are counted here as they reach the broker.
 * @module
 */
import type { Ledger } from "../ledger/ledger.js";
import { placeInChord } from "../system/chord-place.js";
import type { BrokerTap, SeenPush } from "./broker-tap.js";

export interface ChordDamageOptions {
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Header tasks of each chord, by its number. */
  readonly sizes: readonly number[];
  /** As much of the broker as this touches. */
  readonly broker: Pick<BrokerTap, "push" | "unlink">;
}

/** Share of header messages that are stored twice at once, and of the last ones of a header. */
const COPIED_AT_ONCE = 0.05;
const LAST_COPIED_AT_ONCE = 0.33;
/** Share of chords of which some members, or all, are stored again when the body or errback is seen. */
const SOME_COPIED_AFTERWARDS = 0.4;
const ALL_COPIED_AFTERWARDS = 0.1;
const SOME = 3;
/** Share of chords that lose their size, and how many header messages have been seen by then. */
const SIZE_LOST = 0.1;
const SIZE_LOST_AFTER = 3;
const SIZE_KEY = (group: string): string => `celery-taskset-meta-${group}.s`;

/** A chord as its messages show it. */
interface SeenChord {
  /** By id. */
  readonly parts: Map<string, SeenPush>;
  readonly losesSize: boolean;
  readonly copiedAfterwards: number;
  isOver: boolean;
}

export class ChordDamage {
  readonly #options: ChordDamageOptions;
  readonly #chords = new Map<number, SeenChord>();
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown;

  constructor(options: ChordDamageOptions) {
    this.#options = options;
  }

  /** Hears of every message; what it does about it is under way when this returns. */
  see(push: SeenPush): void {
    const place = placeInChord(push.task, push.args);
    if (place === undefined || push.isRedelivered) return;
    const { chord, role } = place;
    const seen = this.#chordOf(chord);
    if (role === "part") {
      this.#seePart(push, seen, this.#options.sizes[chord] ?? 0);
      return;
    }
    this.#options.ledger.write("B", { id: push.id, extra: { chord, role } });
    this.#seeEnd(seen);
  }

  /** Resolves with whether anything was under way, when nothing is any more. @throws what Redis said. */
  async settled(): Promise<boolean> {
    const some = this.#underWay.size > 0;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
    return some;
  }

  #chordOf(chord: number): SeenChord {
    const known = this.#chords.get(chord);
    if (known !== undefined) return known;
    const { random } = this.#options;
    const [size, afterwards] = [random(), random()];
    const many = afterwards < ALL_COPIED_AFTERWARDS ? Number.POSITIVE_INFINITY : SOME;
    const fresh: SeenChord = {
      parts: new Map(),
      losesSize: size < SIZE_LOST,
      copiedAfterwards: afterwards < SOME_COPIED_AFTERWARDS ? many : 0,
      isOver: false,
    };
    this.#chords.set(chord, fresh);
    return fresh;
  }

  #seePart(push: SeenPush, seen: SeenChord, size: number): void {
    if (!seen.parts.has(push.id)) seen.parts.set(push.id, push);
    const isLast = Array.isArray(push.args) && push.args[1] === size - 1;
    if (this.#options.random() < (isLast ? LAST_COPIED_AT_ONCE : COPIED_AT_ONCE)) this.#copy(push);
    if (seen.losesSize && seen.parts.size === SIZE_LOST_AFTER) this.#loseSize(push);
  }

  #seeEnd(seen: SeenChord): void {
    if (seen.isOver) return;
    seen.isOver = true;
    const shuffled = [...seen.parts.values()]
      .map((push) => ({ push, order: this.#options.random() }))
      .sort((a, b) => a.order - b.order);
    for (const { push } of shuffled.slice(0, seen.copiedAfterwards)) this.#copy(push);
  }

  #copy({ id, attempt, text }: SeenPush): void {
    this.#options.ledger.write("D", { id, attempt, extra: { what: "copy" } });
    this.#start(this.#options.broker.push(text));
  }

  #loseSize({ group }: SeenPush): void {
    if (group === undefined) return;
    this.#options.ledger.write("D", { extra: { what: "size", group } });
    this.#start(this.#options.broker.unlink(SIZE_KEY(group)));
  }

  #start(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }
}
