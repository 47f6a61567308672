import { Redis } from "ioredis";
import { buildEnvelope, buildResult, readEnvelope } from "./envelope.js";

/** When the floor acknowledges: before the task runs, confirmed, or after its result is stored. */
export type FloorAck = "early" | "late";

const CLAIM = `
local message = redis.call('RPOP', KEYS[1])
if not message then return false end
redis.call('ZADD', KEYS[3], redis.call('TIME')[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], '[' .. message .. ',"","' .. KEYS[1] .. '"]')
return message`;

/**
 * The same commands per task that we send when we are busy or the ack is late, and nothing else: a peek that blocks, an atomic claim, the ack, and the result
 * with its announcement. No message is lost when it dies.
 */
export async function answer(url: string, queue: string, ack: FloorAck, signal: AbortSignal): Promise<void> {
  const peeking = new Redis(url);
  const redis = new Redis(url);
  const acknowledge = (tag: string): Promise<unknown> =>
    redis.multi().hdel("unacked", tag).zrem("unacked_index", tag).exec();
  for (let round = 0; !signal.aborted; round += 1) {
    if ((await peeking.blmove(queue, queue, "RIGHT", "RIGHT", 1)) === null) continue;
    const tag = `floor-${round}`;
    const message = (await redis.eval(CLAIM, 3, queue, "unacked", "unacked_index", tag)) as string | null; // bulk string or nil
    if (message === null) continue;
    if (ack === "early") await acknowledge(tag);
    const { id, args } = readEnvelope(message);
    const value = buildResult(id, args[0]);
    const key = `celery-task-meta-${id}`;
    await redis.multi().setex(key, 86400, value).publish(key, value).exec();
    if (ack === "late") await acknowledge(tag);
  }
  peeking.disconnect();
  redis.disconnect();
}

const TAKE = `
if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[1] then return false end
redis.call('SET', KEYS[2], ARGV[2], 'EX', 86400)
return redis.call('RPOP', KEYS[1])`;

/**
 * The same commands per task that we send when we are idle and the ack is early: a peek that blocks, one step that claims
 * and acknowledges what was peeked, and the result. The mark tells whether a message is out when that answer is lost.
 */
export async function answerTaking(url: string, queue: string, signal: AbortSignal): Promise<void> {
  const peeking = new Redis(url);
  const redis = new Redis(url);
  for (let round = 0; !signal.aborted; round += 1) {
    const message = await peeking.blmove(queue, queue, "RIGHT", "RIGHT", 1);
    if (message === null) continue;
    if ((await redis.eval(TAKE, 2, queue, "floor-taken", message, round)) === null) continue;
    const { id, args } = readEnvelope(message);
    const value = buildResult(id, args[0]);
    const key = `celery-task-meta-${id}`;
    await redis.multi().setex(key, 86400, value).publish(key, value).exec();
  }
  peeking.disconnect();
  redis.disconnect();
}

/** The least there is: BRPOP, then SETEX and PUBLISH. It loses what it holds when it dies, so it is no floor for us. */
export async function answerBare(url: string, queue: string, signal: AbortSignal): Promise<void> {
  const taking = new Redis(url);
  const writing = new Redis(url);
  while (!signal.aborted) {
    const popped = await taking.brpop(queue, 1);
    if (popped === null) continue;
    const { id, args } = readEnvelope(popped[1]);
    const value = buildResult(id, args[0]);
    const key = `celery-task-meta-${id}`;
    await writing.multi().setex(key, 86400, value).publish(key, value).exec();
  }
  taking.disconnect();
  writing.disconnect();
}

/**
 * One task after the other; milliseconds from send to answer. SUBSCRIBE goes out together with the message, and what was
 * answered before it took effect is read afterwards.
 */
export async function ask(url: string, queue: string, count: number): Promise<number[]> {
  const sending = new Redis(url);
  const listening = new Redis(url);
  let arrived: () => void = () => undefined;
  listening.on("message", () => arrived());
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const envelope = buildEnvelope(queue, [index]);
    const key = `celery-task-meta-${readEnvelope(envelope).id}`;
    const start = performance.now();
    const answered = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const subscribed = listening.subscribe(key).then(async () => {
      if ((await sending.get(key)) !== null) arrived();
    });
    await sending.lpush(queue, envelope);
    await answered;
    latencies.push(performance.now() - start);
    await subscribed;
    await listening.unsubscribe(key);
  }
  sending.disconnect();
  listening.disconnect();
  return latencies;
}
