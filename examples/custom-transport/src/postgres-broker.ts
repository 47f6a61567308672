import { BrokerError, type BrokerErrorCode } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { Broker, BrokerFactory, CallOptions, Queue, Route } from "@celeriac/core/ports";
import { encodeEnvelope, type Message } from "@celeriac/core/protocol";
import { startConsumer } from "./consume.js";
import { openSession, type Session } from "./session.js";

type Work<T> = (session: Session) => Promise<T>;
const DECLARE = "INSERT INTO celeriac_binding VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const PUBLISH = `WITH target AS (SELECT $2::text AS queue WHERE $1::text = ''
    UNION SELECT queue FROM celeriac_binding WHERE $1 <> '' AND exchange = $1 AND (key = $2 OR $2 ~ pattern)),
  put AS (INSERT INTO celeriac_message (queue, priority, raw) SELECT queue, $3, $4 FROM target RETURNING queue)
  SELECT pg_notify('celeriac', '') FROM put`;
const WAITING = "FROM celeriac_message WHERE queue = $1 AND owner IS NULL";
const UNBIND = "WITH unbound AS (DELETE FROM celeriac_binding WHERE queue = $1)";
const ADD = "INSERT INTO celeriac_dead_letter VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const LIST = "SELECT record FROM celeriac_dead_letter ORDER BY at DESC, id LIMIT $1";

/**
 * A broker with what every broker must have, and priorities; no fanout, no parking, no publishing once.
 * @param url - `pgqueue://user:password@host:port/database`: a URL of PostgreSQL with a scheme of its own.
 */
export function postgresBroker(url: string): Broker {
  const { hostname, port, pathname: path, username: userId } = new URL(url);
  const consumers = new Set<AsyncDisposable>();
  let session: Promise<Session> | undefined;
  let isClosed = false;
  const forget = (): void => {
    session = undefined;
  };

  /** Does something on the one connection, which is opened anew when it was lost. */
  async function call<T>(options: CallOptions = {}, work: Work<T>, code: BrokerErrorCode = "BROKER_UNAVAILABLE") {
    const { timeoutMs = 10_000, signal } = options;
    signal?.throwIfAborted();
    if (isClosed) throw new BrokerError("This broker has been closed.", { code: "BROKER_CLOSED" });
    session ??= openSession(url.replace(/^pgqueue:/, "postgresql:"), forget);
    const late = () => new BrokerError(`PostgreSQL gave no answer in ${timeoutMs} ms.`, { code, retryable: true });
    const over = new AbortController(); // who was told that a call has failed may make it again
    const working = session.then((open) => work({ ...open, over: over.signal }));
    return withDeadline(working, { timeoutMs, signal }, late).finally(() => over.abort());
  }
  const ask = (options: CallOptions | undefined, statement: string, ...values: unknown[]) =>
    call(options, (open) => open.ask<{ readonly record: string }>(statement, ...values));

  return {
    description: { transport: "postgres", hostname, port: Number(port || 5432), virtualHost: path.slice(1), userId },
    publish: (message, route, options) => call(options, (open) => publish(open, message, route), "PUBLISH_TIMEOUT"),
    publishMany: (pairs, options) =>
      call(options, (open) => Promise.allSettled(pairs.map((pair) => publish(open, ...pair))), "PUBLISH_TIMEOUT"),
    consume: (subscription, options) =>
      call(options, async (open) => {
        await Promise.all(subscription.queues.map((queue) => declare(open, queue)));
        open.over?.throwIfAborted(); // nobody would dispose a consumer that comes too late
        return startConsumer({ ...open, over: undefined }, subscription, consumers);
      }),
    queues: {
      declare: (queue, options) => call(options, (open) => declare(open, queue)),
      length: async (queue, options) => (await ask(options, `SELECT 1 ${WAITING}`, queue)).length,
      purge: async (queue, options) => (await ask(options, `DELETE ${WAITING} RETURNING 1`, queue)).length,
      delete: async ({ name }, options) => void (await ask(options, `${UNBIND} DELETE ${WAITING}`, name)),
    },
    deadLetters: {
      add: async (record, options) => void (await ask(options, ADD, record.id, record.at, JSON.stringify(record))),
      list: async (options) => (await ask(options, LIST, options?.limit ?? 100)).map((row) => JSON.parse(row.record)),
      count: async (options) => (await ask(options, "SELECT 1 FROM celeriac_dead_letter")).length,
      remove: async (id, options) =>
        (await ask(options, "DELETE FROM celeriac_dead_letter WHERE id = $1 RETURNING 1", id)).length > 0,
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const ending = Promise.all([...consumers].map((consumer) => consumer[Symbol.asyncDispose]()));
      // A server that does not answer is not waited for: what is claimed is free when the connection ends.
      await withDeadline(ending, { timeoutMs: 2_000 }, () => new Error("No answer.")).catch(() => undefined);
      await session?.then(({ client }) => client.end()).catch(forget);
    },
  };
}

/** @throws BrokerError `UNROUTABLE` */
async function publish(session: Session, message: Message, route: Route): Promise<void> {
  const { exchange, routingKey, queue } = route;
  const raw = Buffer.from(encodeEnvelope(message, { exchange, routingKey, deliveryTag: "" }));
  // Asked at once and not one after the other, so that messages stay in the order of the calls.
  const declared = queue === undefined ? undefined : declare(session, queue);
  const put = session.ask(PUBLISH, exchange, routingKey, Math.min(message.properties.priority ?? 0, 9), raw);
  const [reached] = await Promise.all([put, declared]);
  if (reached.length > 0 || route.exchangeType === "fanout") return;
  throw new BrokerError(`No queue is bound to "${exchange}" for the key "${routingKey}".`, { code: "UNROUTABLE" });
}

async function declare(session: Session, { name, exchange, routingKey }: Queue): Promise<void> {
  const escaped = routingKey.replace(/[.$()+?[\\\]^{|}]/g, "\\$&");
  const topic = escaped.replaceAll("*", "[^.]+").replaceAll("#", ".*");
  const pattern = exchange.type === "topic" ? `^${topic}$` : exchange.type === "fanout" ? "" : null;
  await session.ask(DECLARE, name, exchange.name, routingKey, pattern);
}

/** For configurations that name the broker by a URL: `createApp("shop", { broker: url, adapters: [postgresTransport] })`. */
export const postgresTransport: BrokerFactory = { role: "broker", schemes: ["pgqueue"], fromUrl: postgresBroker };
