/**
 * Knows when a run is over: everything published, nothing left at the broker.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { BrokerState } from "../auditor/broker-state.js";
import { readBrokerState } from "../auditor/broker-state.js";
import type { RespClient } from "../auditor/resp-client.js";

export interface RestOptions {
  readonly redis: RespClient;
  readonly queue: string;
  /** What the broker holds; default: what Redis holds. */
  readonly state?: () => Promise<BrokerState>;
  /** Whether everything is published. */
  readonly published: () => boolean;
  /** Resolves with false when something was still on its way to the broker: then it is looked at once more. */
  readonly nothingComes?: () => Promise<boolean>;
  /** Whether somebody is left to do the work. */
  readonly alive: () => boolean;
  /** Ends the wait with `stalled` when nothing has moved for so long. */
  readonly stallMs: number;
  /** Ends the wait with `timeout`. */
  readonly limitMs: number;
}

export type RestOutcome = "empty" | "stalled" | "timeout";

const LOOK_MS = 200;

/** Resolves when publishing is over and the broker holds nothing. */
export async function awaitEmpty(options: RestOptions): Promise<RestOutcome> {
  const startedMs = performance.now();
  let movedMs = startedMs;
  let before = "";
  for (;;) {
    const now = await describe(options);
    if (now.held === 0 && options.published() && (await isLast(options))) return "empty";
    if (now.text !== before) movedMs = performance.now();
    before = now.text;
    if (performance.now() - movedMs > options.stallMs || !options.alive()) return "stalled";
    if (performance.now() - startedMs > options.limitMs) return "timeout";
    await pause(LOOK_MS);
  }
}

async function isLast(options: RestOptions): Promise<boolean> {
  const { nothingComes } = options;
  if (nothingComes === undefined) return true;
  return (await nothingComes()) && (await describe(options)).held === 0;
}

/** Resolves when the broker has held nothing for `quietMs` in a row, or after `limitMs`. */
export async function awaitQuiet(options: RestOptions, quietMs: number): Promise<RestOutcome> {
  const startedMs = performance.now();
  let quietSinceMs = startedMs;
  while (performance.now() - quietSinceMs < quietMs) {
    const { held } = await describe(options);
    if (held > 0) quietSinceMs = performance.now();
    if (performance.now() - startedMs > options.stallMs + quietMs) return "stalled";
    await pause(LOOK_MS);
  }
  return "empty";
}

/** Results count as movement: a queue of constant length may be one that is drained as fast as it fills. */
async function describe(options: RestOptions): Promise<{ readonly held: number; readonly text: string }> {
  const { redis, queue, state = () => readBrokerState(redis, queue) } = options;
  const { counts } = await state();
  const keys = await redis.count("DBSIZE");
  return {
    held: Object.values(counts).reduce((sum, count) => sum + count, 0),
    text: `${JSON.stringify(counts)} ${keys}`,
  };
}
