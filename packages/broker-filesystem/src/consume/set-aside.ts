/**
 * Claimed messages that end in the middle. They are looked at again until they are whole, or count as malformed, and the
 * messages behind them go on meanwhile. They stay claimed, because a file that is put back calls every process that
 * watches the folder, and each of them would claim it and put it back again.
 * Invariants: (1) nothing in here was yielded, so all of it can go back under its own name; (2) it takes no place in the
 * prefetch window.
 * @module
 */
import { setMaxListeners } from "node:events";
import { systemClock } from "@celeriac/core/lifecycle";
import type { Claim, Claims } from "../claim/claims.js";
import { type CutMessage, type ReadMessage, readMessage } from "./read-message.js";

const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** A message that can be delivered now. */
export interface RipeMessage {
  readonly claim: Claim;
  readonly read: ReadMessage;
}

export interface SetAsideContext {
  readonly claims: Claims;
  readonly partialGraceMs: number;
  /** Called when there is something for `take`. */
  readonly onRipe: () => void;
}

export class SetAside {
  readonly #context: SetAsideContext;
  readonly #stop = new AbortController();
  readonly #watched = new Map<Claim, Promise<void>>();
  readonly #ripe: RipeMessage[] = [];

  constructor(context: SetAsideContext) {
    this.#context = context;
    setMaxListeners(0, this.#stop.signal); // one for each message set aside, and that is no leak
  }

  /** Claims in here, ripe or not. */
  get size(): number {
    return this.#watched.size + this.#ripe.length;
  }

  add(claim: Claim, cut: CutMessage): void {
    this.#watched.set(claim, this.#watch(claim, cut));
  }

  /** The next ripe message, which is the caller's from now on. */
  take(): RipeMessage | undefined {
    return this.#ripe.shift();
  }

  /** Puts everything back. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watched.values());
    const left = this.#ripe.splice(0);
    await Promise.allSettled(left.map(({ claim }) => this.#context.claims.undo(claim.tag)));
  }

  async #watch(claim: Claim, first: CutMessage): Promise<void> {
    const { claims, partialGraceMs, onRipe } = this.#context;
    const { signal } = this.#stop;
    const startedAt = performance.now();
    let found: ReadMessage | CutMessage = first;
    try {
      while (found.raw === undefined) {
        const waitedMs = performance.now() - startedAt;
        const pauseMs = Math.min(Math.max(SHORTEST_PAUSE_MS, waitedMs / 4), LONGEST_PAUSE_MS);
        await systemClock.sleep(pauseMs, signal);
        signal.throwIfAborted();
        found = await readMessage(claim.path, partialGraceMs, found);
      }
      this.#ripe.push({ claim, read: found });
    } catch {
      // Stopped, swept because we were taken for dead, or the folder is away: whoever claims it next sees which.
      await claims.undo(claim.tag).catch(() => undefined);
    }
    this.#watched.delete(claim);
    onRipe();
  }
}
