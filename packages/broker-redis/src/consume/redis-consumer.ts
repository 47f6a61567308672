/**
 * Yields claimed messages, and claims more while the window has room.
 *
 * Invariants: (1) while there is room and nothing is claimed, every list is being waited on, or a claim is under way that
 * was sent after the last sign of a message: nothing sleeps through one. (2) A list that has messages is not waited on
 * while the window is full: nothing spins. (3) What was claimed and never yielded goes back to its place on disposal.
 * @module
 */
import type { Consumer, Delivery } from "@celeriac/core/ports";
import type { RedisConnection, RedisServer } from "@celeriac/redis-connection";
import type { Candidate, Taker } from "../take/taker.js";
import type { ClaimedDelivery, Claimer } from "./claimer.js";
import { Peeks } from "./peeks.js";
import type { Window } from "./window.js";

/** More than one, so that the server works while we read; more gains nothing. */
const CLAIMS_IN_FLIGHT = 2;
/** A second claim is worth its round trip only if it can bring this many, and the last one found plenty. */
const SECOND_CLAIM_ROOM = 32;
const LARGEST_CLAIM = 250;
/** Turns of the event loop in which a reader acknowledges a message, runs its task and sends the result. */
const READER_TURNS = 3;

export interface RedisConsumerOptions {
  readonly server: RedisServer;
  readonly connection: RedisConnection;
  readonly claimer: Claimer;
  /** Absent when every message is claimed. */
  readonly taker?: Taker;
  readonly window: Window;
  readonly lists: readonly string[];
  /** Messages count as settled once yielded. */
  readonly noAck: boolean;
  readonly giveBack: (batch: readonly ClaimedDelivery[]) => Promise<void>;
  readonly onDispose: () => Promise<void>;
}

type Step = IteratorResult<readonly Delivery[], undefined>;

export class RedisConsumer implements Consumer {
  readonly #options: RedisConsumerOptions;
  readonly #peeks: Peeks;
  readonly #stopListening: () => void;
  readonly #batches: (readonly ClaimedDelivery[])[] = [];
  readonly #claims = new Set<Promise<void>>();
  #reader: { resolve(step: Step): void; reject(error: unknown): void } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #state: "open" | "failed" | "closed" = "open";
  #scheduled = false;
  /** The lists were empty when last asked, and no sign of a message has come since. */
  #drained = false;
  /** The last claim came back full. */
  #plenty = false;
  #arming = false;
  #wakes = 0;

  constructor(options: RedisConsumerOptions) {
    this.#options = options;
    this.#peeks = new Peeks(options.server, options.lists, (list, payload) => this.#wake(list, payload));
    this.#stopListening = options.connection.onLost((error) => this.#fail(error));
    this.schedule();
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Delivery[], undefined> {
    return { next: () => this.#next() };
  }

  async setPrefetch(count: number): Promise<void> {
    this.#options.window.prefetch = count;
    this.schedule();
  }

  /** Looks for room at the end of this turn of the event loop: settlements of one tick make one claim. */
  readonly schedule = (): void => {
    if (this.#scheduled || this.#state !== "open") return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#stopListening();
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
    await Promise.all([this.#peeks[Symbol.asyncDispose](), ...this.#claims]);
    const unread = this.#batches.splice(0).flat();
    if (unread.length > 0) await this.#options.giveBack(unread);
    await this.#options.onDispose();
  }

  #next(): Promise<Step> {
    const batch = this.#batches.shift();
    if (batch !== undefined && this.#state !== "closed") return Promise.resolve(this.#handOver(batch));
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#state !== "open") return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #handOver(batch: readonly ClaimedDelivery[]): Step {
    const { window, noAck } = this.#options;
    window.handOver(batch.length);
    if (noAck || batch[0]?.delivery.isTaken === true) window.settle(batch.length); // what is taken comes alone
    this.schedule();
    return { done: false, value: batch.map((claimed) => claimed.delivery) };
  }

  #wake(list: string, payload: string | undefined): void {
    this.#wakes += 1;
    this.#drained = false;
    const candidate = payload === undefined ? undefined : this.#consider(list, payload);
    if (candidate === undefined) this.#pump();
    else this.#startWork(1, () => this.#take(candidate));
  }

  /** Only a reader that waits, with nothing before it, can start a message as soon as it is out. */
  #consider(list: string, payload: string): Candidate | undefined {
    const { taker, window } = this.#options;
    const isIdle = this.#state === "open" && this.#claims.size === 0 && this.#reader !== undefined && window.room > 0;
    return isIdle ? taker?.consider(list, payload) : undefined;
  }

  #pump(): void {
    const { window } = this.#options;
    while (this.#state === "open" && this.#claims.size < CLAIMS_IN_FLIGHT) {
      const { room } = window;
      if (room <= 0 || (this.#claims.size > 0 && !(this.#plenty && room >= SECOND_CLAIM_ROOM))) return;
      if (this.#drained) {
        this.#armSoon();
        return;
      }
      this.#startClaim(Math.min(room, LARGEST_CLAIM));
    }
  }

  /** After the reader has had its turn: what it does with the messages it got must not wait for our waiting. */
  #armSoon(): void {
    if (this.#arming) return;
    this.#arming = true;
    afterTurns(READER_TURNS, () => {
      this.#arming = false;
      if (this.#state === "open" && this.#drained) this.#peeks.arm();
    });
  }

  #startClaim(limit: number): void {
    this.#startWork(limit, () => this.#claim(limit));
  }

  /** @param work - Resolves when the window knows what came. */
  #startWork(limit: number, work: () => Promise<void>): void {
    this.#options.window.request(limit);
    const claim = this.#finish(limit, work());
    this.#claims.add(claim);
    const next = (): void => {
      this.#claims.delete(claim);
      this.#pump();
    };
    claim.then(next, next);
  }

  async #finish(limit: number, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#options.window.arrive(limit, 0);
      this.#fail(error);
    }
  }

  async #claim(limit: number): Promise<void> {
    const wakes = this.#wakes;
    const batch = await this.#options.claimer.claim(limit);
    // A sign that came after this claim was sent may mean a message that it did not see.
    this.#plenty = batch.length === limit;
    this.#drained = !this.#plenty && wakes === this.#wakes;
    this.#arrive(limit, batch);
  }

  async #take(candidate: Candidate): Promise<void> {
    const wakes = this.#wakes;
    const taken = await this.#options.taker?.take(candidate);
    this.#plenty = false;
    this.#drained = taken?.left === 0 && wakes === this.#wakes;
    this.#arrive(1, taken === undefined ? [] : [taken.candidate]);
  }

  #arrive(limit: number, batch: readonly ClaimedDelivery[]): void {
    this.#options.window.arrive(limit, batch.length);
    if (batch.length === 0) return;
    const reader = this.#reader;
    if (reader === undefined) {
      this.#batches.push(batch);
      return;
    }
    this.#reader = undefined;
    reader.resolve(this.#handOver(batch));
  }

  #fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#stopListening();
    this.#peeks[Symbol.asyncDispose]().catch(() => undefined); // its connections are being cut
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#failure = { error };
    else reader.reject(error);
  }
}

function afterTurns(turns: number, act: () => void): void {
  setImmediate(turns === 1 ? act : () => afterTurns(turns - 1, act));
}
