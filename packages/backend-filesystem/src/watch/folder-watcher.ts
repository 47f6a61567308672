/**
 * Hears of results: one watch of the folder for all watched tasks, and a slow look at each of their files, because not
 * every file system reports changes. A state that was replaced before it was read is not heard; the last one always is.
 * Invariants: (1) a file is read one time after the other, and once more after every sign of change; (2) a watch is told
 * a content once; (3) nothing runs while nobody watches.
 * @module
 */
import { type FSWatcher, watch } from "node:fs";
import type { ResultMeta } from "@celeriac/core/protocol";
import { decodeResultMeta } from "@celeriac/core/protocol";
import type { ResultFolder } from "../folder/result-folder.js";

/** One listener for one task. */
interface Watch {
  readonly taskId: string;
  readonly onMeta: (meta: ResultMeta) => void;
  readonly onError: ((error: unknown) => void) | undefined;
  /** What it was told last. */
  told: string | undefined;
}

/** One file that somebody watches. */
interface WatchedFile {
  readonly watches: Set<Watch>;
  version: string | undefined;
  isStale: boolean;
  reading: Promise<void> | undefined;
}

/** Looks at this many files a second at most; the pause between two rounds grows with their number. */
const LOOKS_PER_SECOND = 2_000;

export class FolderWatcher {
  readonly #path: string;
  readonly #folder: ResultFolder;
  readonly #pollIntervalMs: number;
  readonly #files = new Map<string, WatchedFile>();
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(path: string, folder: ResultFolder, pollIntervalMs: number) {
    this.#path = path;
    this.#folder = folder;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** Listens, then tells what is there. @returns a function that ends it. */
  async watch(
    name: string,
    taskId: string,
    onMeta: (meta: ResultMeta) => void,
    onError: ((error: unknown) => void) | undefined,
  ): Promise<() => void> {
    const added: Watch = { taskId, onMeta, onError, told: undefined };
    const file = this.#files.get(name) ?? {
      watches: new Set(),
      version: undefined,
      isStale: false,
      reading: undefined,
    };
    file.watches.add(added);
    this.#files.set(name, file);
    this.#start();
    await this.refresh(name);
    return () => {
      file.watches.delete(added);
      if (file.watches.size === 0 && this.#files.get(name) === file) this.#files.delete(name);
      if (this.#files.size === 0) this.close();
    };
  }

  /** Reads a file now, if anybody watches it. */
  refresh(name: string): Promise<void> {
    const file = this.#files.get(name);
    if (file === undefined) return Promise.resolve();
    file.isStale = true;
    file.reading ??= this.#read(name, file).finally(() => {
      file.reading = undefined;
    });
    return file.reading;
  }

  close(): void {
    for (const file of this.#files.values()) file.watches.clear();
    this.#files.clear();
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#poll);
    this.#poll = undefined;
  }

  async #read(name: string, file: WatchedFile): Promise<void> {
    while (file.isStale && file.watches.size > 0) {
      file.isStale = false;
      try {
        file.version = await this.#folder.version(name);
        const content = await this.#folder.readWhole(name, (bytes) => {
          const plain = this.#folder.inflate(bytes);
          decodeResultMeta(plain, name); // is it whole?
          return Buffer.from(plain).toString("utf8");
        });
        if (content !== undefined) this.#tell(file, content);
      } catch (error) {
        for (const { onError } of file.watches) onError?.(error);
      }
    }
  }

  #tell(file: WatchedFile, content: string): void {
    for (const one of file.watches) {
      if (one.told === content) continue;
      one.told = content;
      const meta = decodeResultMeta(content, one.taskId);
      queueMicrotask(() => {
        if (file.watches.has(one)) one.onMeta(meta);
      });
    }
  }

  #start(): void {
    if (this.#watcher === undefined) this.#open();
    if (this.#poll === undefined) this.#schedule();
  }

  #open(): void {
    try {
      this.#watcher = watch(this.#path, (_, name) => {
        if (name !== null) void this.refresh(name);
        else for (const watched of this.#files.keys()) void this.refresh(watched);
      });
      this.#watcher.on("error", () => {
        this.#watcher?.close();
        this.#watcher = undefined; // the looks go on, and try to watch again
      });
    } catch {
      this.#watcher = undefined;
    }
  }

  #schedule(): void {
    const pauseMs = Math.max(this.#pollIntervalMs, (this.#files.size * 1000) / LOOKS_PER_SECOND);
    this.#poll = setTimeout(() => {
      void this.#look().finally(() => {
        if (this.#poll !== undefined) this.#schedule();
      });
    }, pauseMs);
  }

  async #look(): Promise<void> {
    if (this.#watcher === undefined) this.#open();
    for (const [name, file] of [...this.#files]) {
      const version = await this.#folder.version(name).catch(() => undefined);
      if (version !== file.version) void this.refresh(name);
    }
  }
}
