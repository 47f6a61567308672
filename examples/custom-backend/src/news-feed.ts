import { startLoop, systemClock } from "@celeriac/core/lifecycle";
import type { Redis } from "ioredis";

/** Name of the stream; one entry for every state that is stored. */
export const FEED = "feed";

/** Tells of every task whose state was stored since the feed was opened. */
export interface NewsFeed extends AsyncDisposable {
  /** Resolves once nothing that is stored from now on can be missed. Opening it again changes nothing. */
  open(): Promise<void>;
}

/**
 * One blocked read for all who watch. Its place in the stream is remembered, so nothing is missed while it reconnects.
 * @param onReconnect - The stream is cut at a length, so after a long absence only the store itself knows.
 */
export function newsFeed(redis: Redis, onNews: (taskId: string) => void, onReconnect: () => void): NewsFeed {
  const reader = redis.duplicate().on("error", () => undefined);
  let opening: Promise<void> | undefined;
  let reading: AsyncDisposable | undefined;
  let place = "0-0";

  async function read(): Promise<void> {
    const streams = await reader.xread("COUNT", 1000, "BLOCK", 5_000, "STREAMS", FEED, place);
    for (const [id, [, taskId = ""]] of streams?.[0]?.[1] ?? []) {
      place = id;
      onNews(taskId);
    }
  }
  async function start(): Promise<void> {
    const [newest] = await redis.xrevrange(FEED, "+", "-", "COUNT", 1);
    place = newest?.[0] ?? place;
    reader.once("ready", () => reader.on("ready", onReconnect));
    const pause = { intervalMs: 0, backoff: () => 500, onError: () => undefined };
    reading = startLoop({ ...pause, clock: systemClock, step: read });
  }

  return {
    open() {
      opening ??= start().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async [Symbol.asyncDispose]() {
      reader.disconnect(); // which ends the blocked read
      await reading?.[Symbol.asyncDispose]();
    },
  };
}
