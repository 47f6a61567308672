/**
 * A chord by hand: Celery's keys, counted in the script that stores the results, so that it is right for any number of
 * workers. It loses what it holds when it dies between two scripts; a chord of ours does not.
 * @module
 */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { CLAIM } from "./claim.js";
import { buildMessage, buildResult } from "./envelope.js";

/** The body's signature, in every message of the header. */
interface Body {
  readonly id: string;
  readonly group: string;
}

/** One for the header's tasks, one for the body. */
export const TASKS = { part: "bench.part", body: "bench.total" } as const;

/**
 * Results of a batch, each counted for its chord, then the acks. Returns the members of the chord that is complete.
 * KEYS: group key, unacked, unacked_index, result keys. ARGV: size, then results, members, places, tags.
 */
const FINISH = `
local n = #KEYS - 3
local base = KEYS[1]
for i = 1, n do
  redis.call('SETEX', KEYS[3 + i], 86400, ARGV[1 + i])
  redis.call('PUBLISH', KEYS[3 + i], ARGV[1 + i])
  if base ~= '' then redis.call('ZADD', base .. '.j', ARGV[1 + 2 * n + i], ARGV[1 + n + i]) end
end
redis.call('HDEL', KEYS[2], unpack(ARGV, 2 + 3 * n))
redis.call('ZREM', KEYS[3], unpack(ARGV, 2 + 3 * n))
if base == '' or redis.call('ZCARD', base .. '.j') < tonumber(ARGV[1]) then return {} end
local members = redis.call('ZRANGE', base .. '.j', 0, -1)
redis.call('DEL', base .. '.j', base .. '.s')
return members`;

/** Milliseconds from the first message to the body's result. */
export async function runChord(redis: Redis, listening: Redis, queue: string, size: number): Promise<number> {
  const body: Body = { id: randomUUID(), group: randomUUID() };
  const channel = `celery-task-meta-${body.id}`;
  const answered = new Promise<string>((resolve) => {
    listening.on("message", (name, text) => name === channel && resolve(text));
  });
  const start = performance.now();
  const subscribed = listening.subscribe(channel);
  const messages = Array.from({ length: size }, (_, index) => partMessage(queue, body, size, index));
  await Promise.all([
    subscribed,
    redis
      .multi()
      .setex(`celery-taskset-meta-${body.group}.s`, 86400, size)
      .lpush(queue, ...messages)
      .exec(),
  ]);
  const { result } = JSON.parse(await answered) as { result: unknown }; // the worker's own words
  const tookMs = performance.now() - start;
  listening.removeAllListeners("message");
  await listening.unsubscribe(channel);
  if (result !== (size * (size - 1)) / 2) throw new Error(`The floor's chord of ${size} returned ${String(result)}.`);
  return tookMs;
}

interface Taken {
  readonly headers: {
    readonly id: string;
    readonly task: string;
    readonly group: string | null;
    readonly group_index: number;
  };
  readonly args: readonly unknown[];
  readonly body: Body & { readonly size: number };
}

/** Serves a queue until it is killed. */
export async function serveChords(url: string, queue: string): Promise<never> {
  const [redis, peeking] = [new Redis(url), new Redis(url)];
  for (let round = 0; ; round += 1) {
    const prefix = `floor-${round}-`;
    const claimed = (await redis.eval(CLAIM, 3, queue, "unacked", "unacked_index", 100, prefix)) as string[]; // bulk strings
    if (claimed.length === 0) {
      await peeking.blmove(queue, queue, "RIGHT", "RIGHT", 1);
      continue;
    }
    const tasks = claimed.map(read);
    const results = await Promise.all(tasks.map((task) => run(task)));
    const [first] = tasks;
    const body = first?.headers.task === TASKS.part ? first.body : undefined;
    const tags = claimed.map((_, index) => `${prefix}${index + 1}`);
    const members = (await redis.eval(
      FINISH,
      3 + tasks.length,
      body === undefined ? "" : `celery-taskset-meta-${body.group}`,
      "unacked",
      "unacked_index",
      ...tasks.map(({ headers }) => `celery-task-meta-${headers.id}`),
      body?.size ?? 0,
      ...tasks.map(({ headers }, index) => buildResult(headers.id, results[index])),
      ...tasks.map(({ headers }, index) => JSON.stringify([1, headers.id, "SUCCESS", results[index]])),
      ...tasks.map(({ headers }) => headers.group_index),
      ...tags,
    )) as string[]; // bulk strings
    if (members.length > 0 && body !== undefined) await redis.lpush(queue, bodyMessage(queue, body, members));
  }
}

async function run({ headers, args }: Taken): Promise<unknown> {
  const [value] = args;
  if (headers.task === TASKS.part) return value;
  return (value as readonly number[]).reduce((sum, n) => sum + n, 0); // a list of numbers, as the header returns them
}

function read(text: string): Taken {
  const { headers, body } = JSON.parse(text) as { headers: Taken["headers"]; body: string }; // our own message
  const [args, , { chord }] = JSON.parse(Buffer.from(body, "base64").toString("utf8")) as [
    unknown[],
    unknown,
    { chord: { options: { task_id: string; group_id: string }; chord_size: number } | null },
  ]; // our own body
  const { options, chord_size: size = 0 } = chord ?? { options: { task_id: "", group_id: "" } };
  return { headers, args, body: { id: options.task_id, group: options.group_id, size } };
}

function partMessage(queue: string, { id, group }: Body, size: number, index: number): string {
  const chord = {
    task: TASKS.body,
    args: [],
    kwargs: {},
    options: { task_id: id, reply_to: "bench", group_id: group },
    subtask_type: null,
    immutable: false,
    chord_size: size,
  };
  return buildMessage(queue, { task: TASKS.part, id: randomUUID(), args: [index], group, groupIndex: index, chord });
}

/** Members come in the order of their places. */
function bodyMessage(queue: string, { id, group }: Body, members: readonly string[]): string {
  const values = members.map((member) => (JSON.parse(member) as unknown[])[3]);
  return buildMessage(queue, { task: TASKS.body, id, args: [values], group });
}
