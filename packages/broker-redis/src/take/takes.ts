/**
 * Messages that are removed in the step that hands them out, and what becomes of those that cannot be started.
 *
 * Invariants: (1) one take is under way at a time, so one mark at the server tells about the last. (2) A take whose
 * answer was lost is undone before the next one is sent: its message goes back, once, and if it was not out, it stays
 * in. (3) Putting back is confirmed, and done once however often it has to be asked for.
 * @module
 */
import { withDeadline } from "@celeriac/core/lifecycle";
import type { RedisConnection } from "@celeriac/redis-connection";
import { integerReply } from "@celeriac/redis-connection";
import type { Claimed } from "../consume/redis-delivery.js";
import type { KeyLayout } from "../key-layout.js";
import { parkedMember } from "../parking/redis-parking.js";
import { untilConfirmed } from "../unacked/confirm.js";
import { redelivered } from "../unacked/mover.js";
import type { TagSource } from "../unacked/tag-source.js";
import { PUT_BACK_SCRIPT, TAKE_SCRIPT, UNDO_SCRIPT } from "./take-scripts.js";

export interface TakesOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly tags: TagSource;
  /** How long putting back is tried. */
  readonly timeoutMs: number;
}

/** One message to be taken. */
export interface Take {
  readonly number: number;
  readonly list: string;
  readonly payload: string;
  /** Must be empty, because they are served first. */
  readonly listsBefore: readonly string[];
}

/** Longer than any outage that a process sits out with a take in doubt. */
const MARK_SECONDS = 86_400;
/** Longer than putting back is tried. */
const RETURNED_SECONDS = 600;
const UNDO_PAUSE_MS = 1000;
const FAREWELL_MS = 5000;

export class Takes implements AsyncDisposable {
  readonly #options: TakesOptions;
  readonly #mark: string;
  readonly #stopListening: () => void;
  #isBusy = false;
  #isUsed = false;
  #inDoubt: Take | undefined;
  #undoing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TakesOptions) {
    this.#options = options;
    this.#mark = options.keys.takeMark(options.tags.prefix);
    this.#stopListening = options.connection.onReady(() => this.#startUndo());
  }

  /** Whether a take may be sent now. */
  get isFree(): boolean {
    return !this.#isBusy;
  }

  /** A number for a take; the one behind it is never given out, it stands for "undone". */
  nextNumber(): number {
    return this.#options.tags.reserve(2);
  }

  /** How many messages the take has left in the list, `undefined` when it took none. @throws BrokerError */
  async take(take: Take): Promise<number | undefined> {
    const { number, list, payload, listsBefore } = take;
    this.#isBusy = true;
    this.#isUsed = true;
    let left: number;
    try {
      const keys = [this.#mark, list, ...listsBefore];
      left = integerReply(await this.#options.connection.run(TAKE_SCRIPT, keys, [payload, number, MARK_SECONDS]));
    } catch (error) {
      this.#inDoubt = take;
      this.#startUndo();
      throw error;
    }
    this.#isBusy = false;
    return left < 0 ? undefined : left;
  }

  /** Puts a taken message back, flagged as redelivered. @throws BrokerError */
  async putBack({ tag, list, bytes }: Claimed, end: "back" | "front"): Promise<void> {
    const { connection, keys } = this.#options;
    const args = [end === "back" ? "LPUSH" : "RPUSH", redelivered(bytes), RETURNED_SECONDS];
    await untilConfirmed(this.#options, "giving back", async () => {
      await connection.run(PUT_BACK_SCRIPT, [keys.returned(tag), list], args);
    });
  }

  /** Keeps a taken message at the server until its time. @throws BrokerError */
  async park({ tag, list, bytes }: Claimed, dueAtMs: number): Promise<void> {
    const { connection, keys } = this.#options;
    await untilConfirmed(this.#options, "parking", async () => {
      await connection.send("zadd", [keys.parked, dueAtMs, parkedMember(tag, list, bytes)]);
    });
  }

  /** Undoes what is in doubt, if the server is there, and removes the mark. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { connection } = this.#options;
    this.#stopListening();
    if (!this.#isUsed || !connection.ready) return clearTimeout(this.#timer);
    this.#startUndo();
    const farewell = (async () => {
      await this.#undoing;
      clearTimeout(this.#timer);
      if (this.#inDoubt === undefined) await connection.send("del", [this.#mark]);
    })();
    await withDeadline(farewell, { timeoutMs: FAREWELL_MS }, () => new Error("late")).catch(() => undefined);
  }

  #startUndo(): void {
    const take = this.#inDoubt;
    if (take === undefined || this.#undoing !== undefined || !this.#options.connection.ready) return;
    clearTimeout(this.#timer);
    this.#undoing = this.#undo(take)
      .catch(() => {
        this.#timer = setTimeout(() => this.#startUndo(), UNDO_PAUSE_MS).unref();
      })
      .finally(() => {
        this.#undoing = undefined;
      });
  }

  async #undo({ number, list, payload }: Take): Promise<void> {
    const value = redelivered(Buffer.from(payload));
    await this.#options.connection.run(UNDO_SCRIPT, [this.#mark, list], [value, number, MARK_SECONDS]);
    this.#inDoubt = undefined;
    this.#isBusy = false;
  }
}
