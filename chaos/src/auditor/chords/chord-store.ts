/**
 * What the result store holds for chords after the run, read from Celery's keys directly.
 * @module
 */
import type { RespClient } from "../resp-client.js";

export interface ChordStoreState {
  /** Stored results of tasks, by id. */
  readonly results: ReadonlyMap<string, StoredResult>;
  /** Keys of chords that should be gone, or that never expire. */
  readonly leftovers: readonly string[];
}

export interface StoredResult {
  readonly status: string;
  readonly value: unknown;
}

const PER_CALL = 500;
/** Counters and lists of members; `.d` says that a chord is closed, and is meant to stay for a while. */
const COUNTERS = /\.(j|t|s|x|r)$/;

/** @param ids - Tasks whose results are read. @throws Error when Redis refuses. */
export async function readChordStore(redis: RespClient, ids: readonly string[]): Promise<ChordStoreState> {
  const results = new Map<string, StoredResult>();
  for (let from = 0; from < ids.length; from += PER_CALL) {
    const some = ids.slice(from, from + PER_CALL);
    const stored = await redis.texts("MGET", ...some.map((id) => `celery-task-meta-${id}`));
    some.forEach((id, index) => {
      const text = stored[index];
      if (typeof text === "string") results.set(id, readResult(text));
    });
  }
  return { results, leftovers: await findLeftovers(redis) };
}

/** The members of a failed header are kept, with an expiry, for whoever asks what the others returned. */
async function findLeftovers(redis: RespClient): Promise<readonly string[]> {
  const keys = await redis.texts("KEYS", "celery-taskset-meta-*");
  const found: string[] = [];
  for (const key of keys.flatMap((name) => name ?? [])) {
    const expires = await redis.count("TTL", key);
    if (expires < 0) found.push(`${key} never expires`);
    else if (COUNTERS.test(key) && !(key.endsWith(".j") && (await hasFailure(redis, key)))) found.push(key);
  }
  return found;
}

async function hasFailure(redis: RespClient, key: string): Promise<boolean> {
  const members = await redis.texts("ZRANGE", key, "0", "-1");
  return members.some((member) => /^\[1, "[^"]*", "(FAILURE|REVOKED)"/.test(member ?? ""));
}

function readResult(text: string): StoredResult {
  try {
    const { status, result } = JSON.parse(text) as { readonly status?: unknown; readonly result?: unknown };
    return { status: String(status), value: result };
  } catch {
    return { status: "unreadable", value: text.slice(0, 100) };
  }
}
