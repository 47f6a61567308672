/**
 * Reading and writing result files.
 * Invariants: (1) a file of ours appears whole, by rename, and readers see the old or the new one; (2) a record with
 * SUCCESS is not replaced by us: the look and the write are one step under a lock that all Celeriac processes take
 * (Celery's own take none); (3) stores for one task take effect in the order they were asked for.
 * @module
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@celeriac/core/lifecycle";
import { decodeResultMeta } from "@celeriac/core/protocol";
import { isMissing, systemCode } from "./backend-fault.js";
import type { BackendSettings } from "./backend-options.js";
import { isResultFile } from "./result-name.js";

/** A lock file this old belongs to a process that died; a write takes milliseconds. */
const LOCK_STALE_MS = 5_000;
/** A file in the writing for this long was left by a process that died. */
const ABANDONED_MS = 3_600_000;

export class ResultFolder {
  readonly #settings: BackendSettings;
  readonly #own: string;
  readonly #queues = new Map<string, Promise<void>>();
  #opening: Promise<void> | undefined;

  constructor(settings: BackendSettings) {
    this.#settings = settings;
    this.#own = join(settings.folder, ".celeriac");
  }

  /** Makes the folders, once. */
  open(): Promise<void> {
    this.#opening ??= mkdir(this.#own, { recursive: true }).then(() => undefined);
    return this.#opening;
  }

  /** After a fault: the folders may have gone, so the next call makes them again. */
  reopen(): void {
    this.#opening = undefined;
  }

  /** The content of a file; `undefined` when there is none. */
  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#settings.folder, name));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A sign that changes with the file; `undefined` when there is none. */
  async version(name: string): Promise<string | undefined> {
    try {
      const { mtimeMs, ino, size } = await stat(join(this.#settings.folder, name));
      return `${mtimeMs}:${ino}:${size}`;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * Reads and decodes. Celery writes in place, so a young record that makes no sense is read again before it is an error.
   * @throws DecodeError `E_RESULT`
   */
  async readWhole<T>(name: string, decode: (content: Buffer) => T): Promise<T | undefined> {
    const until = systemClock.monotonic() + this.#settings.partialGraceMs;
    for (;;) {
      const content = await this.read(name);
      if (content === undefined) return undefined;
      try {
        return decode(content);
      } catch (error) {
        if (systemClock.monotonic() > until || !(await this.#isYoung(name))) throw error;
      }
      await systemClock.sleep(10);
    }
  }

  /** The document in a result's file, compressed or not. @throws DecodeError `E_RESULT` */
  inflate(content: Uint8Array): Uint8Array {
    return this.#settings.compression.decompress(content);
  }

  /** Replaces a file. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    const staged = join(this.#own, `tmp-${randomUUID()}`);
    const file = await open(staged, "wx");
    try {
      await file.writeFile(content);
      if (this.#settings.fsync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(staged, join(this.#settings.folder, name));
    if (this.#settings.fsync) await this.#syncFolder();
  }

  /** Replaces a result unless it is a SUCCESS. @returns whether it was written. */
  writeUnlessSuccess(name: string, content: Uint8Array): Promise<boolean> {
    return this.#inTurn(name, async () => {
      const unlock = await this.#lock(name);
      try {
        if (await this.#isSuccess(name)) return false;
        await this.write(name, content);
        return true;
      } finally {
        await unlock();
      }
    });
  }

  /** Removes a file, if it is there. */
  async remove(name: string): Promise<void> {
    await this.#inTurn(name, () => rm(join(this.#settings.folder, name), { force: true }));
  }

  /** Removes results that were last written before `beforeMs`; resolves with how many. */
  async removeOlder(beforeMs: number): Promise<number> {
    const { folder, keyPrefix } = this.#settings;
    let count = 0;
    for (const name of await readdir(folder)) {
      if (isResultFile(keyPrefix, name) && (await removeIfOlder(join(folder, name), beforeMs))) count += 1;
    }
    for (const name of await readdir(this.#own)) await removeIfOlder(join(this.#own, name), Date.now() - ABANDONED_MS);
    return count;
  }

  async #isSuccess(name: string): Promise<boolean> {
    const content = await this.read(name);
    if (content === undefined) return false;
    try {
      return decodeResultMeta(this.inflate(content), name).status === "SUCCESS";
    } catch {
      return false; // what nobody can read may be replaced
    }
  }

  async #isYoung(name: string): Promise<boolean> {
    const version = await this.version(name);
    return version !== undefined && Date.now() - Number.parseFloat(version) < this.#settings.partialGraceMs;
  }

  /** Runs the calls for one file one after the other. */
  async #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(name, done);
    await done;
    if (this.#queues.get(name) === done) this.#queues.delete(name);
    return result;
  }

  /** A lock among processes: a file that only one can create. */
  async #lock(name: string): Promise<() => Promise<void>> {
    const path = join(this.#own, `lock-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`);
    for (;;) {
      try {
        await (await open(path, "wx")).close();
        return () => rm(path, { force: true });
      } catch (error) {
        if (systemCode(error) !== "EEXIST") throw error;
      }
      if (!(await removeIfOlder(path, Date.now() - LOCK_STALE_MS))) await systemClock.sleep(5);
    }
  }

  async #syncFolder(): Promise<void> {
    const handle = await open(this.#settings.folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function removeIfOlder(path: string, beforeMs: number): Promise<boolean> {
  try {
    if ((await stat(path)).mtimeMs >= beforeMs) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
