import type { Exchange, ExchangeType, Queue } from "../ports/queue.js";

/**
 * A queue in Celery's record form. Every key is also accepted in Celery's snake_case. Times are seconds, as in Celery.
 * @see kombu `Queue.from_dict`.
 */
export interface QueueRecord {
  /** Needed in a list; in a record the key is the name. */
  readonly name?: string;
  /** Default: `taskDefaultExchange`. */
  readonly exchange?: string | Exchange;
  readonly exchangeType?: ExchangeType;
  /** Default: the queue's name. `bindingKey` is its older name. */
  readonly routingKey?: string;
  readonly bindingKey?: string;
  readonly durable?: boolean;
  readonly autoDelete?: boolean;
  readonly queueDurable?: boolean;
  readonly queueAutoDelete?: boolean;
  readonly exchangeDurable?: boolean;
  readonly exchangeAutoDelete?: boolean;
  readonly exclusive?: boolean;
  readonly expires?: number;
  readonly messageTtl?: number;
  readonly maxLength?: number;
  readonly maxLengthBytes?: number;
  readonly maxPriority?: number;
  readonly queueArguments?: Readonly<Record<string, unknown>>;
  readonly exchangeArguments?: Readonly<Record<string, unknown>>;
  /** 1 keeps messages in memory only, 2 stores them. */
  readonly deliveryMode?: 1 | 2;
  /** kombu's `Broadcast`: a fanout exchange of this name, and a queue of its own for every consumer. */
  readonly broadcast?: boolean;
  /** Name of a broadcast's queue; default `bcast.<unique id>`. */
  readonly queue?: string;
}

/** Values of `taskQueues`: a list of names, queues and records, or a record by name. */
export type QueuesSetting =
  | readonly (string | Queue | QueueRecord | Readonly<Record<string, unknown>>)[]
  | Readonly<Record<string, QueueRecord | Readonly<Record<string, unknown>>>>;
