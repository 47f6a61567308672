import { Redis } from "ioredis";
import { buildEnvelope, buildResult, readEnvelope } from "./envelope.js";

/** Takes one message at a time by BRPOP and answers with SETEX and PUBLISH; a crash loses what it holds. */
export async function answer(url: string, queue: string, signal: AbortSignal): Promise<void> {
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
 * As `answer`, but nothing is lost by a crash: a peek, an atomic claim, an early ack that is confirmed before the task
 * runs, and then the result: the commands per task that Celery's promise of "at most once, never zero times" costs.
 */
export async function answerSafely(url: string, queue: string, signal: AbortSignal): Promise<void> {
  const peeking = new Redis(url);
  const redis = new Redis(url);
  const claim = `
local message = redis.call('RPOP', KEYS[1])
if not message then return false end
redis.call('ZADD', KEYS[3], redis.call('TIME')[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], '[' .. message .. ',"","' .. KEYS[1] .. '"]')
return message`;
  for (let round = 0; !signal.aborted; round += 1) {
    if ((await peeking.blmove(queue, queue, "RIGHT", "RIGHT", 1)) === null) continue;
    const tag = `safe-${round}`;
    const message = (await redis.eval(claim, 3, queue, "unacked", "unacked_index", tag)) as string | null; // bulk string or nil
    if (message === null) continue;
    await redis.multi().hdel("unacked", tag).zrem("unacked_index", tag).exec();
    const { id, args } = readEnvelope(message);
    const value = buildResult(id, args[0]);
    const key = `celery-task-meta-${id}`;
    await redis.multi().setex(key, 86400, value).publish(key, value).exec();
  }
  peeking.disconnect();
  redis.disconnect();
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
