import { BrokerError, DecodeError } from "@celeriac/core/errors";
import { createDeferred, startLoop, systemClock } from "@celeriac/core/lifecycle";
import type { Consumer, Delivery, ReadableDelivery, Subscription } from "@celeriac/core/ports";
import { decodeEnvelope } from "@celeriac/core/protocol";
import type { Session } from "./session.js";

const CLAIM = `WITH next AS (SELECT id FROM celeriac_message WHERE queue = ANY($1) AND owner IS NULL
    ORDER BY priority DESC, id LIMIT $2 FOR UPDATE SKIP LOCKED) UPDATE celeriac_message AS m
  SET owner = currval('celeriac_owner'), claims = claims + 1 FROM next WHERE m.id = next.id RETURNING m.*`;
const ACK = "DELETE FROM celeriac_message WHERE id = $1 AND claims = $2 AND owner IS NOT NULL RETURNING id";
/** Ends claims; `pg_notify` wakes whoever waits. */
const free = (where: string, also = ""): string => `WITH freed AS (UPDATE celeriac_message SET owner = NULL ${also}
  WHERE owner IS NOT NULL AND ${where} RETURNING id) SELECT pg_notify('celeriac', '') FROM freed`;
const RESTORE = free("id = $1 AND claims = $2"); // with its old id it is in front of all that came later
const REQUEUE = free("id = $1 AND claims = $2", ", id = nextval('celeriac_message_id_seq')");
/** Owners are read before the locks of the living, so that nobody who has just come is taken for dead. */
const SWEEP = free(`owner IN (SELECT owner FROM celeriac_message WHERE owner IS NOT NULL
  EXCEPT SELECT objid::bigint::integer FROM pg_locks WHERE locktype = 'advisory' AND granted
  AND classid = 'celeriac_message'::regclass)`);

type Row = { readonly id: string; queue: string; priority: number; raw: Buffer; claims: number };

/**
 * Claims when it is asked for the next batch, then waits until PostgreSQL says that there may be more.
 * @param consumers - It is one of these until it is disposed.
 */
export function startConsumer(session: Session, subscription: Subscription, consumers: Set<AsyncDisposable>): Consumer {
  const { queues, noAck = false } = subscription;
  const names = queues.map(({ name }) => name);
  let window = subscription.prefetch;
  let held = 0;
  let isClosed = false;
  let news = createDeferred<void>();
  let claiming: Promise<readonly Delivery[]> = Promise.resolve([]);
  const onNews = (): void => news.resolve();
  const sweep = { step: () => session.ask(SWEEP).then(onNews), intervalMs: 500, backoff: () => 500, onError: onNews };
  const sweeping = startLoop({ ...sweep, clock: systemClock });
  session.client.on("notification", onNews).on("end", onNews);

  async function claim(): Promise<readonly Delivery[]> {
    const room = noAck ? 100 : Math.min(100, window - held);
    if (room <= 0) return [];
    const rows = await session.ask<Row>(CLAIM, names, room);
    rows.sort((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id));
    const settleNow = isClosed ? RESTORE : noAck ? ACK : undefined; // disposed while PostgreSQL answered?
    if (settleNow !== undefined) await Promise.all(rows.map((row) => session.ask(settleNow, row.id, row.claims)));
    return settleNow === RESTORE ? [] : rows.map(deliver);
  }

  function deliver({ id, queue, raw, claims }: Row): Delivery {
    let share = 1; // of the window; given back once
    held += share;
    const settle = async (statement: string): Promise<void> => {
      const isOurs = noAck || (await session.ask(statement, id, claims)).length > 0;
      held -= share;
      share = 0;
      onNews();
      if (!isOurs) throw new BrokerError(`Our claim of message ${id} is void.`, { code: "LEASE_LOST" });
    };
    const base = { deliveryTag: `${id}.${claims}`, queue, redelivered: claims > 1, raw: () => new Uint8Array(raw) };
    const reject: Delivery["reject"] = ({ requeue }) => settle(requeue ? REQUEUE : ACK);
    return { ...base, ...read(raw), ack: () => settle(ACK), reject, restore: () => settle(RESTORE) };
  }

  const consumer: Consumer = {
    async *[Symbol.asyncIterator]() {
      while (!isClosed) {
        news = createDeferred(); // before the claim, so that nothing that comes meanwhile is missed
        claiming = claim();
        const batch = await claiming;
        if (batch.length > 0) yield batch;
        else if (!isClosed) await news.promise;
      }
    },
    async setPrefetch(count) {
      window = count;
      onNews();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      onNews();
      session.client.off("notification", onNews).off("end", onNews);
      await Promise.allSettled([claiming, sweeping[Symbol.asyncDispose]()]).then(() => consumers.delete(consumer));
    },
  };
  consumers.add(consumer);
  return consumer;
}

function read(raw: Buffer): Pick<ReadableDelivery, "message"> | { readonly malformed: DecodeError } {
  try {
    return { message: decodeEnvelope(raw).message };
  } catch (error) {
    if (error instanceof DecodeError) return { malformed: error };
    throw error;
  }
}
