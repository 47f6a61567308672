import { resolve } from "node:path";
import { BrokerError } from "@celeriac/core/errors";

/** Where messages are. Relative paths start at the working directory, as kombu's do. */
export interface FilesystemBrokerOptions {
  /** One folder for everything; the control and processed folders go inside. */
  readonly folder?: string;
  /** Messages are taken from here. Celery's name; wins over `folder`. Default `data_in`. */
  readonly dataFolderIn?: string;
  /** Messages are put here. Celery's name; wins over `folder`. Default `data_out`. */
  readonly dataFolderOut?: string;
  /** Bindings of exchanges. Default `control`, inside `folder` when that is given. */
  readonly controlFolder?: string;
  /** Keep acked messages in `processedFolder` instead of deleting them. Default false. */
  readonly storeProcessed?: boolean;
  /** Default `processed`, inside `folder` when that is given. Must be on the file system of the input folder. */
  readonly processedFolder?: string;
  /** Flush every message to the disk before it counts as stored: survives a power cut, costs a disk flush. Default false. */
  readonly fsync?: boolean;
  /** Longest time between two looks at the folder when the system reports no changes, in milliseconds. Default 1,000. */
  readonly pollIntervalMs?: number;
  /** How often claims of dead processes are looked for, in milliseconds. Default 5,000. */
  readonly sweepIntervalMs?: number;
  /** After this silence a process that cannot be asked (other machine, other container) counts as dead. Default 30,000. */
  readonly leaseMs?: number;
  /** How long an incomplete message may be still in the writing, in milliseconds. Default 5,000. */
  readonly partialGraceMs?: number;
  /** Deadline of a call that names none, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Options with every decision made; all paths are absolute. */
export interface FolderSettings {
  readonly inFolder: string;
  readonly outFolder: string;
  readonly controlFolder: string;
  /** Where acked messages go; `undefined` when they are deleted. */
  readonly processedFolder: string | undefined;
  readonly fsync: boolean;
  readonly pollIntervalMs: number;
  readonly sweepIntervalMs: number;
  readonly leaseMs: number;
  readonly partialGraceMs: number;
  readonly timeoutMs: number;
}

/** Applies defaults. */
export function parseFolderOptions(options: FilesystemBrokerOptions): FolderSettings {
  const { folder } = options;
  const inside = (name: string): string => (folder === undefined ? resolve(name) : resolve(folder, name));
  const data = (name: string, given: string | undefined): string => resolve(given ?? folder ?? name);
  return {
    inFolder: data("data_in", options.dataFolderIn),
    outFolder: data("data_out", options.dataFolderOut),
    controlFolder: options.controlFolder === undefined ? inside("control") : resolve(options.controlFolder),
    processedFolder: options.storeProcessed ? resolve(options.processedFolder ?? inside("processed")) : undefined,
    fsync: options.fsync ?? false,
    pollIntervalMs: options.pollIntervalMs ?? 1_000,
    sweepIntervalMs: options.sweepIntervalMs ?? 5_000,
    leaseMs: options.leaseMs ?? 30_000,
    partialGraceMs: options.partialGraceMs ?? 5_000,
    timeoutMs: options.timeoutMs ?? 30_000,
  };
}

type Reader = (value: unknown, key: string) => unknown;

/** Every transport option we know, by its snake_case name. */
const KNOWN: Readonly<Record<string, readonly [keyof FilesystemBrokerOptions, Reader]>> = {
  folder: ["folder", readText],
  data_folder_in: ["dataFolderIn", readText],
  data_folder_out: ["dataFolderOut", readText],
  control_folder: ["controlFolder", readText],
  store_processed: ["storeProcessed", readFlag],
  processed_folder: ["processedFolder", readText],
  fsync: ["fsync", readFlag],
  poll_interval_ms: ["pollIntervalMs", readCount],
  sweep_interval_ms: ["sweepIntervalMs", readCount],
  lease_ms: ["leaseMs", readCount],
  partial_grace_ms: ["partialGraceMs", readCount],
  timeout_ms: ["timeoutMs", readCount],
};

/**
 * Reads `filesystem:///path/to/folder`, or `filesystem://` with the folders in Celery's `broker_transport_options`.
 * Options of other transports are passed over, because one configuration file may serve several.
 * @throws BrokerError `BROKER_REFUSED` for a URL or an option that cannot be understood.
 */
export function parseFolderUrl(
  url: string,
  transportOptions: Readonly<Record<string, unknown>>,
): FilesystemBrokerOptions {
  const match = /^filesystem:\/\/(?:localhost)?(\/.*)?$/.exec(url);
  if (match === null) {
    throw refused(
      `"${url}" is no filesystem URL. Write filesystem:///absolute/path, or filesystem:// with transport options.`,
    );
  }
  const path = decodeURIComponent(match[1] ?? "");
  const options: Record<string, unknown> = path === "" || path === "/" ? {} : { folder: path };
  for (const [key, value] of Object.entries(transportOptions)) {
    const known = KNOWN[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    if (known !== undefined && value !== null && value !== undefined) options[known[0]] = known[1](value, key);
  }
  return options; // every value was read by the reader of its key
}

function readText(value: unknown, key: string): string {
  if (typeof value !== "string" || value === "") throw refused(`Transport option "${key}" must be a path.`);
  return value;
}

function readFlag(value: unknown, key: string): boolean {
  if (typeof value !== "boolean") throw refused(`Transport option "${key}" must be true or false.`);
  return value;
}

function readCount(value: unknown, key: string): number {
  if (typeof value === "number" && value > 0) return value;
  throw refused(`Transport option "${key}" must be a number of milliseconds above 0.`);
}

function refused(message: string): BrokerError {
  return new BrokerError(message, { code: "BROKER_REFUSED" });
}
