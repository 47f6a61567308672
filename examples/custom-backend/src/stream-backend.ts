import { BackendError, DecodeError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { AdapterContext, BackendFactory, CallOptions, ResultBackend } from "@celeriac/core/ports";
import {
  decodeGroupMeta,
  decodeResultMeta,
  encodeGroupMeta,
  encodeResultMeta,
  type ResultMeta,
} from "@celeriac/core/protocol";
import { Redis } from "ioredis";
import { FEED, newsFeed } from "./news-feed.js";

/**
 * Stores a state, unless SUCCESS is there already and this is another one, and tells of it.
 * KEYS: the record, the feed. ARGV: the state, the record, the task id, milliseconds to keep it (0 is for ever).
 */
const STORE = `
if ARGV[1] ~= 'SUCCESS' and redis.call('HGET', KEYS[1], 'status') == 'SUCCESS' then return end
redis.call('HSET', KEYS[1], 'status', ARGV[1], 'meta', ARGV[2])
if ARGV[4] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'task', ARGV[3])`;

export interface StreamBackendOptions {
  /** In front of every key. Default `celeriac-results:`. */
  readonly prefix?: string;
  /** How long results and groups are kept, in milliseconds; `null` keeps them for ever. Default one day. */
  readonly resultExpiresMs?: number | null;
}

/**
 * Results in hashes, and a stream that says which of them has changed. Without chords: there `celery.chord_unlock` looks.
 * @param url - `redis-stream://user:password@host:port/0`: a URL of Redis with a scheme of its own.
 */
export function streamBackend(url: string, options: StreamBackendOptions = {}): ResultBackend {
  const { prefix: keyPrefix = "celeriac-results:", resultExpiresMs: keepMs = 86_400_000 } = options;
  const connection = {
    keyPrefix,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    keepAlive: 10_000,
    disconnectTimeout: 200,
  };
  const redis = new Redis(url.replace(/^redis-stream:/, "redis:"), connection).on("error", () => undefined);
  const watching = new Map<string, Set<() => void>>();
  const tell = (taskId: string): void => watching.get(taskId)?.forEach((look) => void look());
  const feed = newsFeed(redis, tell, () => [...watching.keys()].forEach(tell));
  let isClosed = false;

  /** Within the caller's patience; what waits for a connection waits no longer than that. */
  async function call<T>({ timeoutMs = 10_000, signal }: CallOptions = {}, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (isClosed) closed();
    const message = `Redis gave no answer in ${timeoutMs} ms.`;
    const late = () => new BackendError(message, { code: "BACKEND_TIMEOUT", retryable: true });
    const failed = (error: unknown): never => (isClosed ? closed() : fail(error)); // whose connection we cut ourselves
    return withDeadline(work().catch(failed), { timeoutMs, signal }, late);
  }
  async function read(taskId: string): Promise<ResultMeta | undefined> {
    const text = await redis.hget(`task:${taskId}`, "meta");
    return text === null ? undefined : decodeResultMeta(text, taskId);
  }

  return {
    description: `redis-stream://${redis.options.host}:${redis.options.port}/${redis.options.db}`,
    store: (record, options) =>
      call(options, async () => {
        const { taskId, status } = record;
        await redis.eval(STORE, 2, `task:${taskId}`, FEED, status, encodeResultMeta(record), taskId, keepMs ?? 0);
      }),
    fetch: (taskId, options) => call(options, () => read(taskId)),
    forget: (taskId, options) => call(options, async () => void (await redis.del(`task:${taskId}`))),
    watcher: {
      async watch(taskId, onMeta, options) {
        const looks = watching.get(taskId) ?? new Set();
        // Redis answers in the order in which it is asked, so what is seen is never older than what was.
        const look = async (): Promise<void> => {
          try {
            const meta = await read(taskId);
            if (meta !== undefined && looks.has(look)) onMeta(meta);
          } catch (error) {
            if (looks.has(look)) options?.onError?.(error);
          }
        };
        const stop = async (): Promise<void> => {
          looks.delete(look);
          if (looks.size === 0 && watching.get(taskId) === looks) watching.delete(taskId);
        };
        watching.set(taskId, looks.add(look));
        try {
          await call(options, () => feed.open().then(look)); // first listen, then look: no gap between the two
        } catch (error) {
          await stop();
          throw error;
        }
        return { [Symbol.asyncDispose]: stop };
      },
    },
    groups: {
      save: (groupId, tuple, options) =>
        call(options, async () => {
          const text = encodeGroupMeta(tuple);
          await (keepMs ? redis.set(`group:${groupId}`, text, "PX", keepMs) : redis.set(`group:${groupId}`, text));
        }),
      restore: (groupId, options) =>
        call(options, async () => {
          const text = await redis.get(`group:${groupId}`);
          return text === null ? undefined : decodeGroupMeta(text);
        }),
      delete: (groupId, options) => call(options, async () => void (await redis.del(`group:${groupId}`))),
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const looks of watching.values()) looks.clear();
      redis.disconnect();
      await feed[Symbol.asyncDispose]();
    },
  };
}

/** For configurations that name the backend by a URL: `createApp("shop", { backend: url, adapters: [streamStore] })`. */
export const streamStore: BackendFactory = {
  role: "backend",
  schemes: ["redis-stream"],
  fromUrl: (url, { resultExpires }: AdapterContext) =>
    streamBackend(url, resultExpires === undefined ? {} : { resultExpiresMs: resultExpires && resultExpires * 1_000 }),
};

function closed(): never {
  throw new BackendError("This result backend has been closed.", { code: "BACKEND_CLOSED" });
}

/** Throws what the library threw as the port names it. What Redis itself says begins with a word in capitals. */
function fail(error: unknown): never {
  if (error instanceof DecodeError) throw error;
  const message = error instanceof Error ? error.message : String(error);
  const code = /^(NOAUTH|WRONGPASS)/.test(message) ? "BACKEND_AUTH" : "BACKEND_REFUSED";
  const isAnswer = /^[A-Z]{3,} /.test(message) && !/^(LOADING|BUSY|TRYAGAIN|READONLY) /.test(message);
  if (isAnswer) throw new BackendError(`Redis: ${message}`, { code, cause: error });
  throw new BackendError(`Redis: ${message}`, { code: "BACKEND_UNAVAILABLE", retryable: true, cause: error });
}
