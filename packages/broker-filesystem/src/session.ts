/**
 * What the parts of one broker share: folders made on first use, and, once something is consumed, an owner with its
 * heartbeat and sweep. A broker that only publishes has no timer and no folder among the owners.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { exponentialBackoff, startLoop, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import { Claims } from "./claim/claims.js";
import { createOwner, type Owner } from "./claim/owner.js";
import { type SweepContext, sweep } from "./claim/sweep.js";
import { FolderFeed } from "./consume/folder-feed.js";
import { ExchangeTables } from "./exchange/exchange-table.js";
import { folderFault } from "./folder/folder-fault.js";
import type { FolderSettings } from "./folder/folder-options.js";
import { createFolders, type OwnFolders, ownFolders } from "./folder/own-folders.js";
import { dropListener } from "./publish/listener-note.js";

/** What consuming needs. */
export interface Station {
  readonly owner: Owner;
  readonly claims: Claims;
}

export class Session {
  readonly settings: FolderSettings;
  readonly own: OwnFolders;
  readonly feed: FolderFeed;
  readonly tables: ExchangeTables;
  #opening: Promise<void> | undefined;
  #station: Promise<Station> | undefined;
  readonly #keepers = new Set<() => Promise<void>>();
  #loop: AsyncDisposable | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(settings: FolderSettings) {
    this.settings = settings;
    this.own = ownFolders(settings);
    this.feed = new FolderFeed(settings.inFolder, settings.pollIntervalMs);
    this.tables = new ExchangeTables(settings, this.own);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs one call of the port.
   * @param action - What is tried, for messages: `publish to queue "celery"`.
   * @throws BrokerError `BROKER_CLOSED`, `PUBLISH_TIMEOUT`, a folder fault, or the reason of the signal.
   */
  async call<T>(action: string, options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    options?.signal?.throwIfAborted();
    const timeoutMs = options?.timeoutMs ?? this.settings.timeoutMs;
    return withDeadline(this.#attempt(action, work), { timeoutMs, signal: options?.signal }, () => {
      const message = `The file system did not answer within ${timeoutMs} ms when asked to ${action}.`;
      return new BrokerError(message, { code: "PUBLISH_TIMEOUT", retryable: true });
    });
  }

  /** The owner and its claims, made when first needed. */
  station(): Promise<Station> {
    this.#station ??= this.#openStation().catch((error: unknown) => {
      this.#station = undefined;
      throw error;
    });
    return this.#station;
  }

  /**
   * Has `work` done in every round of the sweep, until the returned function has resolved: for what others may undo, as
   * bindings that a kombu process overwrites.
   */
  keep(work: () => Promise<void>): () => Promise<void> {
    this.#keepers.add(work);
    return async () => {
      this.#keepers.delete(work);
      await this.#round.catch(() => undefined); // the loop has heard of it
    };
  }

  /** Gives back all claims and leaves. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.feed.close();
    await this.#loop?.[Symbol.asyncDispose]();
    const station = await this.#station?.catch(() => undefined);
    await station?.claims.restoreAll();
    await station?.owner.leave().catch(() => undefined); // swept later, as after a crash
  }

  async #attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      this.#opening ??= createFolders(this.settings, this.own);
      await this.#opening;
      return await work();
    } catch (error) {
      this.#opening = undefined; // the folders may have gone: make them again next time
      throw folderFault(action, error);
    }
  }

  async #goRound(context: SweepContext): Promise<void> {
    await sweep(context, await context.owner.beat());
    for (const work of this.#keepers) await work();
  }

  async #openStation(): Promise<Station> {
    const { settings, own } = this;
    const owner = await createOwner(own);
    const claims = new Claims({ settings, own, owner, onPutBack: (name) => this.feed.noticed(name) });
    const context = { settings, own, owner, claims, dropListener: (note: string) => dropListener(this, note) };
    await sweep(context, await owner.beat());
    this.#loop = startLoop({
      step: () => {
        this.#round = this.#goRound(context);
        return this.#round;
      },
      intervalMs: settings.sweepIntervalMs,
      backoff: exponentialBackoff({ baseMs: 100, maxMs: settings.sweepIntervalMs }),
      clock: systemClock,
      onError: () => undefined, // the consumers meet the same fault and report it
    });
    return { owner, claims };
  }
}

export function closed(): BrokerError {
  return new BrokerError("This filesystem broker has been closed.", { code: "BROKER_CLOSED" });
}
