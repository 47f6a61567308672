/**
 * What waits in the folder, for all consumers of one broker: one watch, one listing. The system tells us of changes; a
 * slow look at the folder's time covers file systems that do not tell.
 * Invariants: (1) a name is handed out once per listing; whether the message is still there only the claim can say;
 * (2) nothing is listed while nobody subscribes; (3) listings take at most a fifth of the time.
 * @module
 */
import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { folderFault } from "../folder/folder-fault.js";
import { messageNameOrder, queueOf } from "../folder/message-name.js";

/** Longest time for which a listing may be out of date while names are left in it. */
const STALE_MS = 100;
/** Two changes within this time may leave the same modification time behind. */
const TIME_STEP_MS = 50;

/** Woken when something may have come. */
export type Waker = () => void;

export class FolderFeed {
  readonly #folder: string;
  readonly #pollIntervalMs: number;
  /** Names by queue, the next one last. */
  #waiting = new Map<string, string[]>();
  readonly #wakers = new Set<Waker>();
  readonly #takenByUs = new Set<string>();
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #isStale = true;
  #listedAt = Number.NEGATIVE_INFINITY;
  #listingMs = 0;
  #seenChangeMs = -1;
  #listing: Promise<void> | undefined;

  constructor(folder: string, pollIntervalMs: number) {
    this.#folder = folder;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** Wakes `waker` at every sign of new messages, until the returned function is called. */
  subscribe(waker: Waker): () => void {
    this.#wakers.add(waker);
    if (this.#poll === undefined) this.#start();
    return () => {
      this.#wakers.delete(waker);
      if (this.#wakers.size === 0) this.close();
    };
  }

  /** The next name waiting in `queue`; `undefined` when there is none. @throws BrokerError when the folder is away. */
  async next(queue: string): Promise<string | undefined> {
    await this.#refresh(queue);
    const name = this.#waiting.get(queue)?.pop();
    if (name !== undefined) this.#takenByUs.add(name);
    return name;
  }

  /** A message we know has come: no need to look. */
  noticed(name: string): void {
    const queue = queueOf(name);
    if (queue === undefined || this.#poll === undefined) return;
    const names = this.#waiting.get(queue) ?? [];
    this.#waiting.set(queue, names);
    const order = messageNameOrder();
    let index = names.length;
    while (index > 0 && order(names[index - 1] ?? "", name) < 0) index -= 1;
    if (names[index - 1] !== name) names.splice(index, 0, name);
    this.#wake();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearInterval(this.#poll);
    this.#poll = undefined;
    this.#waiting.clear();
    this.#takenByUs.clear();
    this.#isStale = true;
  }

  #start(): void {
    this.#isStale = true;
    this.#listedAt = Number.NEGATIVE_INFINITY;
    this.#watch();
    this.#poll = setInterval(() => void this.#look(), this.#pollIntervalMs);
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#folder, (_, name) => this.#onChange(name));
      this.#watcher.on("error", () => {
        this.#watcher?.close();
        this.#watcher = undefined; // the polls go on, and try to watch again
      });
    } catch {
      this.#watcher = undefined;
    }
  }

  #onChange(name: string | null): void {
    if (name !== null && (this.#takenByUs.delete(name) || queueOf(name) === undefined)) return;
    this.#isStale = true;
    this.#wake();
  }

  async #look(): Promise<void> {
    const changedMs = await stat(this.#folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.NaN, // the next listing says what is wrong
    );
    if (this.#poll === undefined) return;
    if (this.#watcher === undefined) this.#watch();
    if (changedMs === this.#seenChangeMs) return;
    this.#isStale = true;
    this.#wake();
  }

  async #refresh(queue: string): Promise<void> {
    // A listing of another consumer: its end wakes nobody. Between the last look here and the start of ours nothing may
    // be awaited, or two consumers go on together, and the second takes the folder for listed while it is not.
    while (this.#listing !== undefined) await this.#listing;
    const sinceMs = performance.now() - this.#listedAt;
    const hasNames = (this.#waiting.get(queue)?.length ?? 0) > 0;
    const restMs = hasNames ? Math.min(STALE_MS, 4 * this.#listingMs) : 0;
    if (!this.#isStale || sinceMs < restMs) return;
    this.#listing = this.#list().finally(() => {
      this.#listing = undefined;
    });
    await this.#listing;
  }

  async #list(): Promise<void> {
    const startedAt = performance.now();
    this.#isStale = false;
    try {
      const { mtimeMs } = await stat(this.#folder);
      const names = await readdir(this.#folder);
      // A change in the same tick of the clock would look like no change, so a young time is not trusted.
      this.#seenChangeMs = Date.now() - mtimeMs < TIME_STEP_MS ? -1 : mtimeMs;
      this.#waiting = byQueue(names);
    } catch (error) {
      this.#isStale = true;
      throw folderFault("list the messages", error);
    }
    if (this.#takenByUs.size > 10_000) this.#takenByUs.clear(); // no events come: nothing to compare with
    this.#listedAt = performance.now();
    this.#listingMs = this.#listedAt - startedAt;
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
  }
}

function byQueue(names: readonly string[]): Map<string, string[]> {
  const queues = new Map<string, string[]>();
  for (const name of names) {
    const queue = queueOf(name);
    if (queue === undefined) continue;
    const waiting = queues.get(queue);
    if (waiting === undefined) queues.set(queue, [name]);
    else waiting.push(name);
  }
  const order = messageNameOrder();
  for (const waiting of queues.values()) waiting.sort((a, b) => order(b, a));
  return queues;
}
