/**
 * Publishes what was not published under its key yet: mark and message in one step.
 *
 * Invariants: (1) like `Publisher`, nothing is written after the caller was told that it failed. (2) A failure that leaves
 * open whether the message is stored may be repeated: under the same key it is stored once.
 * @module
 */
import { randomUUID } from "node:crypto";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, OncePublisher, Route } from "@celeriac/core/ports";
import { encodeEnvelope } from "@celeriac/core/protocol";
import type { RedisArgument, RedisConnection } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import type { Bindings } from "./bindings.js";
import { ONCE_SCRIPT } from "./once-script.js";
import { queuesOfRoute, unroutable } from "./route-queues.js";

export interface RedisOncePublisherOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly bindings: Bindings;
  readonly timeoutMs: number;
}

/** Longer than a task is redelivered for. */
const MARK_SECONDS = 86_400;
const DOING = "publishing a message once";

export function createRedisOncePublisher(options: RedisOncePublisherOptions): OncePublisher {
  const { connection, keys, timeoutMs: defaultTimeoutMs } = options;

  const write = async (text: string, destination: Destination, key: string): Promise<boolean> => {
    const { lists, channel, declarations } = destination;
    const args = [MARK_SECONDS, text, channel, ...declarations];
    return (await connection.run(ONCE_SCRIPT, [keys.once(key), ...lists], args)) === 1;
  };

  return {
    async publish(message, route, key, { signal, timeoutMs = defaultTimeoutMs }: CallOptions = {}) {
      signal?.throwIfAborted();
      const { exchange, routingKey } = route;
      const text = encodeEnvelope(message, { exchange, routingKey, deliveryTag: randomUUID() });
      let isWritten = false;
      let isGivenUp = false;
      const failure = (): Error => connection.failure(isWritten ? "timeout" : "unavailable", DOING);
      const answered = (async () => {
        if (!connection.ready) await connection.whenReady(timeoutMs, DOING);
        const destination = await destinationOf(route, message.properties.priority, options);
        if (isGivenUp) throw failure();
        isWritten = true;
        return write(text, destination, key);
      })();
      try {
        return await withDeadline(answered, { timeoutMs, signal }, failure);
      } finally {
        isGivenUp = true;
      }
    },
  };
}

interface Destination {
  readonly lists: readonly string[];
  /** Nothing unless the exchange is a fanout. */
  readonly channel: string;
  /** Sets of bindings, each followed by a member. */
  readonly declarations: readonly RedisArgument[];
}

/** @throws BrokerError `UNROUTABLE` */
async function destinationOf(
  route: Route,
  priority: unknown,
  { keys, bindings }: RedisOncePublisherOptions,
): Promise<Destination> {
  const { exchange, routingKey, exchangeType, queue } = route;
  const commands = queue === undefined ? [] : bindings.declareCommands(queue);
  const declarations = commands.flatMap(([, args]) => args);
  if (exchangeType === "fanout") return { lists: [], channel: keys.channel(exchange, routingKey), declarations };
  const queues = exchange === "" ? [routingKey] : await queuesOfRoute(bindings, route);
  if (queues.length === 0) throw unroutable(route);
  return { lists: queues.map((name) => keys.list(name, priority)), channel: "", declarations };
}
