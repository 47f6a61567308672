/**
 * Messages that wait in RabbitMQ until they are due: 28 queues whose messages live for 1, 2, 4... seconds, joined by topic
 * exchanges. A routing key that begins with the delay as 28 binary digits takes a message through the queues whose digit is
 * 1. Names and arguments are Celery's, so that one set serves a mixed fleet.
 * @see PROTOCOL 6.6; kombu `transport/native_delayed_delivery.py`.
 * @module
 */

const LEVELS = 28;
const TOP = LEVELS - 1;

/** The longest delay there is, in seconds: eight and a half years. */
export const MAX_DELAY_S: number = 2 ** LEVELS - 1;

/** Every word of a key in front of the original routing key. */
const DIGITS = "*.".repeat(LEVELS);

export interface DelayTopologyOptions {
  readonly queueType: "quorum" | "classic";
  /** In front of every name. */
  readonly prefix: string;
}

/** A queue of one level, its exchange and their binding; then where the exchange sends what does not wait here. */
export interface DelayLevel {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Takes messages whose digit is 1. */
  readonly queueKey: string;
  /** The exchange of the next level, or the one everything ends at; bound with `passKey`. */
  readonly next: string;
  /** Takes messages whose digit is 0. */
  readonly passKey: string;
}

/** From the longest delay to the shortest. */
export function planDelayLevels({ queueType, prefix }: DelayTopologyOptions): readonly DelayLevel[] {
  return Array.from({ length: LEVELS }, (_unused, index) => {
    const level = TOP - index;
    const next = level > 0 ? levelName(level - 1, prefix) : deliveryExchange(prefix);
    return {
      name: levelName(level, prefix),
      arguments: {
        "x-queue-type": queueType,
        "x-overflow": "reject-publish",
        "x-message-ttl": 2 ** level * 1000,
        "x-dead-letter-exchange": next,
        ...(queueType === "quorum" ? { "x-dead-letter-strategy": "at-least-once" } : {}),
      },
      queueKey: `${"*.".repeat(index)}1.#`,
      next,
      passKey: `${"*.".repeat(index)}0.#`,
    };
  });
}

function levelName(level: number, prefix: string): string {
  return `${prefix === "" ? "" : `${prefix}_`}celery_delayed_${level}`;
}

/** Where a delayed message is published. */
export function entryExchange(prefix: string): string {
  return levelName(TOP, prefix);
}

/** Where a message arrives when it is due. */
export function deliveryExchange(prefix: string): string {
  return `${prefix === "" ? "" : `${prefix}_`}celery_delayed_delivery`;
}

/** A key that waits `delayS` whole seconds, 1 to `MAX_DELAY_S`. */
export function delayKey(delayS: number, routingKey: string): string {
  return `${[...delayS.toString(2).padStart(LEVELS, "0")].join(".")}.${routingKey}`;
}

/**
 * Binds one queue by its name: exactly the 28 digits and the name, unlike kombu's `#.name`, which also catches every name
 * that ends in `.name`.
 */
export function directBindingKey(queue: string): string {
  return `${DIGITS}${queue}`;
}

/** The key with which kombu binds an exchange, and the queue to it. */
export function topicBindingKey(routingKey: string): string {
  return routingKey.startsWith("#") ? routingKey : `#.${routingKey}`;
}

/** Longest name or key that still fits behind the digits: AMQP allows 255 bytes. */
export const MAX_DELAYED_KEY_BYTES: number = 255 - 2 * LEVELS;
