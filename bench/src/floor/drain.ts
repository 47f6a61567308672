import { Redis } from "ioredis";
import { CLAIM } from "./claim.js";
import { buildResult, readEnvelope } from "./envelope.js";

/** Results of a batch, then its acks: SETEX and PUBLISH each, one HDEL and one ZREM. */
const FINISH = `
local n = #KEYS - 2
for i = 1, n do
  redis.call('SETEX', KEYS[i], 86400, ARGV[i])
  redis.call('PUBLISH', KEYS[i], ARGV[i])
end
redis.call('HDEL', KEYS[n + 1], unpack(ARGV, n + 1))
redis.call('ZREM', KEYS[n + 2], unpack(ARGV, n + 1))
return n`;

/**
 * The floor of a worker: claim a hundred, run them, write their results and acks in one script. Broker and results share
 * one database here, which our adapters do not need; that only makes the floor faster.
 */
export async function drain(
  url: string,
  queue: string,
  count: number,
  run: (args: readonly unknown[]) => Promise<unknown>,
): Promise<void> {
  const redis = new Redis(url);
  for (let done = 0, round = 0; done < count; round += 1) {
    const prefix = `floor-${round}-`;
    const messages = (await redis.eval(CLAIM, 3, queue, "unacked", "unacked_index", 100, prefix)) as string[]; // the script returns bulk strings
    if (messages.length === 0) continue;
    const keys: string[] = [];
    const values: string[] = [];
    for (const message of messages) {
      const { id, args } = readEnvelope(message);
      keys.push(`celery-task-meta-${id}`);
      values.push(buildResult(id, await run(args)));
    }
    const tags = messages.map((_, index) => `${prefix}${index + 1}`);
    await redis.eval(FINISH, keys.length + 2, ...keys, "unacked", "unacked_index", ...values, ...tags);
    done += messages.length;
  }
  redis.disconnect();
}
