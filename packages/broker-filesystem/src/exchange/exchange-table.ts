/**
 * kombu's exchange tables: `<control>/<exchange>.exchange`, JSON `[[routing key, pattern, queue], ...]`. kombu changes
 * them in place under a lock that Node cannot take (flock). We replace the whole file, so kombu's readers always see a
 * complete one, and then look again: what a kombu process wrote meanwhile, into the old file or over ours, is merged.
 * Invariants: (1) a change has been seen in the table some time after it was made, or the call fails; (2) our processes
 * change a table one at a time.
 * @module
 */
import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BrokerError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import { isMissing, systemCode } from "../folder/folder-fault.js";
import type { FolderSettings } from "../folder/folder-options.js";
import type { OwnFolders } from "../folder/own-folders.js";
import { stageFile } from "../folder/write-file.js";
import { type BindingEntry, parseTable, sameEntry } from "./binding-entry.js";

/** kombu has a table open for well under a millisecond. */
const LATE_WRITER_MS = 20;
const ATTEMPTS = 20;
/** A lock file this old belongs to a process that died. */
const LOCK_STALE_MS = 5_000;

export type Table = readonly BindingEntry[];

export class ExchangeTables {
  readonly #settings: FolderSettings;
  readonly #own: OwnFolders;
  readonly #cache = new Map<string, { readonly version: string; readonly table: Table }>();

  constructor(settings: FolderSettings, own: OwnFolders) {
    this.#settings = settings;
    this.#own = own;
  }

  /** Empty for an exchange nobody has bound anything to. */
  async read(exchange: string): Promise<Table> {
    const path = this.#path(exchange);
    const version = await versionOf(path);
    const cached = this.#cache.get(exchange);
    if (version === undefined) return [];
    if (cached?.version === version) return cached.table;
    const table = await readTable(path);
    // A table that was changed just now may change again without another time on it.
    if (Date.now() - Number.parseFloat(version) > 100) this.#cache.set(exchange, { version, table });
    return table;
  }

  /** @throws BrokerError `BROKER_UNAVAILABLE` when others undo the change again and again. */
  async bind(exchange: string, entry: BindingEntry): Promise<void> {
    await this.#change(exchange, (table) =>
      table.some((other) => sameEntry(other, entry)) ? table : [entry, ...table],
    );
  }

  async unbind(exchange: string, entry: BindingEntry): Promise<void> {
    await this.#change(exchange, (table) => {
      const kept = table.filter((other) => !sameEntry(other, entry));
      return kept.length === table.length ? table : kept;
    });
  }

  async #change(exchange: string, change: (table: Table) => Table): Promise<void> {
    const path = this.#path(exchange);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await this.#changeOnce(exchange, path, change)) return;
    }
    throw new BrokerError(`The bindings of exchange "${exchange}" are changed by others faster than we can look.`, {
      code: "BROKER_UNAVAILABLE",
      retryable: true,
    });
  }

  /** @returns whether the table was as wanted without a change. */
  async #changeOnce(exchange: string, path: string, change: (table: Table) => Table): Promise<boolean> {
    const before = await readTable(path);
    if (change(before) === before) return true;
    const unlock = await lock(join(this.#own.locks, `${fileName(exchange)}.lock`));
    const old = await open(path, "r").catch(() => undefined);
    try {
      const read = await readTable(path);
      const wanted = change(read);
      if (wanted === read) return true;
      await this.#replace(path, wanted);
      await systemClock.sleep(LATE_WRITER_MS);
      const late = old === undefined ? [] : addedSince(read, await readHandle(old));
      if (late.length > 0) await this.#replace(path, [...late, ...(await readTable(path))]);
      return false; // look again: kombu may have made the file anew over ours
    } finally {
      await old?.close();
      await unlock();
    }
  }

  async #replace(path: string, table: Table): Promise<void> {
    const staged = await stageFile(this.#own.locks, JSON.stringify(table), this.#settings.fsync);
    await staged.place(path);
  }

  #path(exchange: string): string {
    return join(this.#settings.controlFolder, `${fileName(exchange)}.exchange`);
  }
}

/** kombu takes letters, digits, `.`, `_` and `-`; anything else it refuses, so it may look as we like. */
function fileName(exchange: string): string {
  const escaped = exchange.replace(/[^A-Za-z0-9._-]/gu, (letter) => encodeURIComponent(letter).replace(/^(?!%)/, "%"));
  return /^\.+$/.test(escaped) ? escaped.replaceAll(".", "%2E") : escaped;
}

function addedSince(before: Table, after: Table | undefined): Table {
  return (after ?? []).filter((entry) => !before.some((other) => sameEntry(other, entry)));
}

/** Reads until the table is complete: kombu writes in place. */
async function readTable(path: string): Promise<Table> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const table = parseTable(await readFile(path, "utf8"));
      if (table !== undefined) return table;
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    await systemClock.sleep(5);
  }
  return []; // left behind by a kombu process that died in the middle; the next writer makes it whole
}

async function readHandle(handle: FileHandle): Promise<Table | undefined> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
  return parseTable(buffer.subarray(0, bytesRead).toString("utf8"));
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ino, size } = await stat(path);
    return `${mtimeMs}:${ino}:${size}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A lock among our own processes: a file that only one can create. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await (await open(path, "wx")).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > LOCK_STALE_MS) await rm(path, { force: true });
    else await systemClock.sleep(10);
  }
}
