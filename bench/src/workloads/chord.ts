import { Redis } from "ioredis";
import type { ChordContestant, ChordRunner } from "../chord-contestants.js";
import { celeryContestants, findCelery, NODE_CONTESTANTS } from "../chord-contestants.js";
import type { Measurement } from "../measure.js";
import { countPublished } from "../published-bytes.js";
import type { BenchServer } from "../redis-server.js";

export interface ChordWorkload {
  /** Header tasks of the chord. */
  readonly headers: number;
  /** Steps of the chain whose bytes are counted. */
  readonly steps: number;
}

/** Until the code is as fast as it gets; what Celery does in one is no faster in ten. */
const WARM_UPS = 10;
const ROUNDS = 10;
const SLOW_ROUNDS = 2;

/** Who takes part: Celery too, where Python has it. `missing` says why not. */
export function chordContestants(env: NodeJS.ProcessEnv): {
  readonly contestants: readonly ChordContestant[];
  readonly celery?: string;
  readonly missing?: string;
} {
  const found = findCelery(env);
  if (typeof found === "string") return { contestants: NODE_CONTESTANTS, missing: found };
  return { contestants: [...NODE_CONTESTANTS, ...celeryContestants(found.python)], celery: found.version };
}

interface Running extends ChordContestant {
  readonly queue: string;
  readonly runner: ChordRunner;
}

/**
 * From the send of a chord to its body's result in the client's hands. All contestants are up, each with a queue of its own,
 * and send one chord after the other in turns: those of a turn meet the same machine, and are compared. Then, in the first
 * repetition, the bytes of all messages that a chord and a chain put into the queue.
 */
export async function measureChord(
  server: BenchServer,
  contestants: readonly ChordContestant[],
  { headers, steps }: ChordWorkload,
  rep: number,
): Promise<Measurement[]> {
  const url = server.url(0);
  const running: Running[] = [];
  try {
    for (const [index, contestant] of contestants.entries()) {
      const queue = `bench-${index}`;
      running.push({ ...contestant, queue, runner: await contestant.start(url, queue) });
    }
    const times = await measureTimes(running, headers, rep);
    return rep > 0 ? times : [...times, ...(await measureBytes(running, { headers, steps }, url))];
  } finally {
    await Promise.all(running.map(({ runner }) => runner[Symbol.asyncDispose]()));
    const redis = new Redis(url);
    await redis.flushall();
    redis.disconnect();
  }
}

async function measureTimes(running: readonly Running[], headers: number, rep: number): Promise<Measurement[]> {
  for (const { runner, isSlow } of running) {
    for (let warm = 0; warm < (isSlow ? 1 : WARM_UPS); warm += 1) await runner.chord(headers);
  }
  const times: Measurement[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const turn = running.filter(({ isSlow }) => !isSlow || round < SLOW_ROUNDS);
    for (const { who, runner } of round % 2 === 0 ? turn : turn.reverse()) {
      const value = await runner.chord(headers);
      times.push({ workload: `chord of ${headers}`, who, rep: rep * ROUNDS + round, unit: "ms", value });
    }
  }
  return times;
}

/** Celery's messages are what ours are compared with. */
async function measureBytes(
  running: readonly Running[],
  { headers, steps }: ChordWorkload,
  url: string,
): Promise<Measurement[]> {
  const counted: Measurement[] = [];
  const count = async (who: string, queue: string, workload: string, work: () => Promise<unknown>): Promise<void> => {
    const { messages, bytes } = await countPublished(url, queue, work);
    counted.push({ workload, who, rep: 0, unit: "bytes", value: bytes, floor: "celery, solo", detail: { messages } });
  };
  for (const { who, queue, runner } of running) {
    const { chain } = runner;
    await count(who, queue, `bytes, chord of ${headers}`, () => runner.chord(headers));
    if (chain !== undefined) await count(who, queue, `bytes, chain of ${steps}`, () => chain(steps));
  }
  return counted;
}
