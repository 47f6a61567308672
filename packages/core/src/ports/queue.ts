/** Kinds of exchange; `headers` exists on AMQP only. */
export type ExchangeType = "direct" | "topic" | "fanout" | "headers";

export interface Exchange {
  /** Empty for the anonymous exchange, which routes to the queue named by the routing key. */
  readonly name: string;
  readonly type: ExchangeType;
  /** Default true. */
  readonly durable?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/**
 * A queue with its binding: everything an adapter needs to declare it. There is no hidden topology: an adapter
 * declares what it is handed.
 */
export interface Queue {
  readonly name: string;
  readonly exchange: Exchange;
  readonly routingKey: string;
  /** Default true. */
  readonly durable?: boolean;
  /** Removed when its last consumer leaves: reply and control queues. Default false. */
  readonly autoDelete?: boolean;
  readonly exclusive?: boolean;
  /** Milliseconds without consumer after which the broker may delete the queue. */
  readonly expiresMs?: number;
  /** Milliseconds after which the broker may drop a message nobody took. */
  readonly messageTtlMs?: number;
  readonly maxPriority?: number;
  /** Of the binding: what a headers exchange looks for. */
  readonly bindingArguments?: Readonly<Record<string, unknown>>;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** Where a message goes. */
export interface Route {
  /** `""` sends to the queue named by the routing key, as Celery does for direct queues. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Type of `exchange` when it is named. Default `direct`. */
  readonly exchangeType?: ExchangeType;
  /** The queue behind the route, when known: declared by the adapter before the first message goes there. */
  readonly queue?: Queue;
}
