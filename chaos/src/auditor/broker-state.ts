/**
 * What is left at the broker and what the result store holds, read from kombu's and Celery's keys directly.
 * @module
 */
import type { RespClient } from "./resp-client.js";

export interface BrokerState {
  /** Messages by place; all 0 after a run that came to rest. */
  readonly counts: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  readonly deadLetterIds: ReadonlySet<string>;
}

const STEPS = [0, 3, 6, 9];
const SEPARATOR = "\x06\x16";
const DEAD_LETTERS = "celeriac.dead-letter";
const PER_CALL = 500;

/** @param queue - The queue of the run. @throws Error when Redis refuses. */
export async function readBrokerState(redis: RespClient, queue: string): Promise<BrokerState> {
  const counts: Record<string, number> = {};
  for (const step of STEPS) {
    const key = step === 0 ? queue : `${queue}${SEPARATOR}${step}`;
    counts[step === 0 ? "queue" : `queue step ${step}`] = await redis.count("LLEN", key);
  }
  counts.unacked = await redis.count("HLEN", "unacked");
  counts["unacked index"] = await redis.count("ZCARD", "unacked_index");
  counts.parked = await redis.count("ZCARD", "celeriac.parked");
  const records = await redis.texts("HVALS", DEAD_LETTERS);
  const deadLetterIds = records.flatMap((record) => taskIdOf(record ?? ""));
  return { counts, deadLetters: records.length, deadLetterIds: new Set(deadLetterIds) };
}

/** Status of each task that has a stored result. */
export async function readResults(redis: RespClient, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const statuses = new Map<string, string>();
  for (let from = 0; from < ids.length; from += PER_CALL) {
    const some = ids.slice(from, from + PER_CALL);
    const stored = await redis.texts("MGET", ...some.map((id) => `celery-task-meta-${id}`));
    some.forEach((id, index) => {
      const text = stored[index];
      if (typeof text === "string") statuses.set(id, statusOf(text));
    });
  }
  return statuses;
}

function taskIdOf(record: string): readonly string[] {
  const { taskId } = readObject(record);
  return typeof taskId === "string" ? [taskId] : [];
}

function statusOf(text: string): string {
  const { status } = readObject(text);
  return typeof status === "string" ? status : "unreadable";
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
