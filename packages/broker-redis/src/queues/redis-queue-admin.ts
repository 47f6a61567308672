import type { CallOptions, Queue, QueueAdmin } from "@celeriac/core/ports";
import type { RedisCommand, RedisScript } from "@celeriac/redis-connection";
import { defineScript, integerReply } from "@celeriac/redis-connection";
import type { Calls } from "../calls.js";
import type { KeyLayout } from "../key-layout.js";
import type { Bindings } from "../publish/bindings.js";

/** Empties lists. KEYS: the lists. Returns how many messages there were. */
const PURGE_SCRIPT: RedisScript = defineScript(`
local count = 0
for _, key in ipairs(KEYS) do count = count + redis.call('LLEN', key) end
redis.call('DEL', unpack(KEYS))
return count
`);

/** Adds up lists. KEYS: the lists. */
const LENGTH_SCRIPT: RedisScript = defineScript(`
local count = 0
for _, key in ipairs(KEYS) do count = count + redis.call('LLEN', key) end
return count
`);

/** A queue is its lists and its binding; nothing else marks that it exists. PROTOCOL 5.2, 5.3. */
export function createRedisQueueAdmin(calls: Calls, keys: KeyLayout, bindings: Bindings): QueueAdmin {
  const send = async (doing: string, commands: readonly RedisCommand[], options?: CallOptions): Promise<void> => {
    const outcomes = await calls.ask(doing, options, (connection) => connection.sendMany(commands));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  };
  return {
    declare: (queue: Queue, options?: CallOptions) =>
      send(`declaring queue "${queue.name}"`, [["ping", []], ...bindings.declareCommands(queue)], options),
    async length(queue: string, options?: CallOptions): Promise<number> {
      return integerReply(
        await calls.ask(`counting queue "${queue}"`, options, (connection) =>
          connection.run(LENGTH_SCRIPT, keys.lists(queue), []),
        ),
      );
    },
    async purge(queue: string, options?: CallOptions): Promise<number> {
      return integerReply(
        await calls.ask(`purging queue "${queue}"`, options, (connection) =>
          connection.run(PURGE_SCRIPT, keys.lists(queue), []),
        ),
      );
    },
    delete: (queue: Queue, options?: CallOptions) =>
      send(
        `deleting queue "${queue.name}"`,
        [...bindings.removeCommands(queue), ["del", keys.lists(queue.name)]],
        options,
      ),
  };
}
