import { Redis } from "ioredis";
import { buildEnvelope } from "./envelope.js";

/** One by one with 100 in flight: ioredis with automatic pipelining, which is what a careful author would switch on. */
export async function enqueueInFlight(url: string, queue: string, count: number, inFlight: number): Promise<void> {
  const redis = new Redis(url, { enableAutoPipelining: true });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await redis.lpush(queue, buildEnvelope(queue, [next]));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  redis.disconnect();
}

/** In bulk: LPUSH with many values a command. */
export async function enqueueBulk(url: string, queue: string, count: number, chunk: number): Promise<void> {
  const redis = new Redis(url);
  for (let sent = 0; sent < count; sent += chunk) {
    await redis.lpush(
      queue,
      ...Array.from({ length: Math.min(chunk, count - sent) }, (_, index) => buildEnvelope(queue, [sent + index])),
    );
  }
  redis.disconnect();
}
