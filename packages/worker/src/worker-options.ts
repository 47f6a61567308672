import type { Duration, Logger } from "@celeriac/core";
import { ConfigError, parseDuration } from "@celeriac/core";
import type { Pool } from "./pool/pool.js";

/** How a worker runs. Settings of the app fill what is absent. */
export interface WorkerOptions {
  /** Names of the queues to consume. Default: all queues of the app. */
  readonly queues?: readonly string[];
  /** Queues not to consume. */
  readonly exclude?: readonly string[];
  /** `asyncPool()` or `prefork({ ... })`. */
  readonly pool: Pool;
  /** Node name, `%h` host, `%n` name, `%d` domain. Default `celery@%h`. */
  readonly hostname?: string;
  /** Messages held per slot. Default `workerPrefetchMultiplier` (4); 0 is no limit. */
  readonly prefetchMultiplier?: number;
  /** A message is taken only for a free slot: nothing waits here while another worker is idle. Default false. */
  readonly fair?: boolean;
  /** ETA tasks further away are kept at the broker, if it can. Default `"10s"`. */
  readonly parkBeyond?: Duration;
  readonly logger?: Logger;
  /** Answers `inspect` and `control`. Default `workerEnableRemoteControl`. */
  readonly remoteControl?: boolean;
}

/** Checked options. */
export interface ParsedWorkerOptions {
  readonly prefetchMultiplier: number;
  readonly fair: boolean;
  readonly parkBeyondMs: number;
  readonly remoteControl: boolean;
}

const KNOWN: ReadonlySet<string> = new Set([
  "queues",
  "exclude",
  "pool",
  "hostname",
  "prefetchMultiplier",
  "fair",
  "parkBeyond",
  "logger",
  "remoteControl",
]);

/** @throws ConfigError naming every option that is wrong. */
export function parseWorkerOptions(
  options: WorkerOptions,
  defaults: Pick<ParsedWorkerOptions, "prefetchMultiplier" | "fair" | "remoteControl">,
): ParsedWorkerOptions {
  const issues = Object.keys(options)
    .filter((key) => !KNOWN.has(key))
    .map((key) => ({ key, message: `is not an option of a worker. Known: ${[...KNOWN].join(", ")}.` }));
  const prefetchMultiplier = options.prefetchMultiplier ?? defaults.prefetchMultiplier;
  if (!Number.isInteger(prefetchMultiplier) || prefetchMultiplier < 0) {
    issues.push({
      key: "prefetchMultiplier",
      message: `must be a whole number, 0 for no limit; it is ${String(prefetchMultiplier)}.`,
    });
  }
  const parkBeyond = readDuration(options.parkBeyond ?? "10s");
  if (parkBeyond === undefined || parkBeyond < 0) {
    issues.push({
      key: "parkBeyond",
      message: `must be a duration such as "10s"; it is ${String(options.parkBeyond)}.`,
    });
  }
  if (typeof options.pool?.run !== "function") {
    issues.push({ key: "pool", message: "is missing: give asyncPool() or prefork({ app: ... })." });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    prefetchMultiplier,
    fair: options.fair ?? defaults.fair,
    parkBeyondMs: 1000 * (parkBeyond ?? 0),
    remoteControl: options.remoteControl ?? defaults.remoteControl,
  };
}

function readDuration(value: Duration): number | undefined {
  try {
    return parseDuration(value);
  } catch {
    return undefined;
  }
}
