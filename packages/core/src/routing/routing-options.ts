import type { Exchange, ExchangeType, Queue } from "../ports/queue.js";

/** Call options that say where a message goes. `null` counts as not given. Celery's spelling is accepted too. */
export interface RoutingOptions {
  readonly queue?: string | Queue | null | undefined;
  readonly exchange?: string | Exchange | null | undefined;
  readonly exchangeType?: ExchangeType | null | undefined;
  readonly exchange_type?: ExchangeType | null | undefined;
  readonly routingKey?: string | null | undefined;
  readonly routing_key?: string | null | undefined;
  readonly priority?: number | null | undefined;
  readonly deliveryMode?: 1 | 2 | null | undefined;
  readonly delivery_mode?: 1 | 2 | null | undefined;
}
