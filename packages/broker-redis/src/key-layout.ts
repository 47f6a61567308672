/**
 * kombu's names for everything in the database. `@see` PROTOCOL 5.2–5.5; kombu `transport/redis.py`.
 * @module
 */
import type { BrokerSettings } from "./broker-settings.js";

export interface KeyLayout {
  readonly sep: string;
  /** The priority steps, rising. */
  readonly steps: readonly number[];
  /** The list of a queue for messages of this priority. */
  list(queue: string, priority: unknown): string;
  /** All lists of a queue, in the order in which they are served. */
  lists(queue: string): readonly string[];
  /** Set of bindings of an exchange. */
  bindings(exchange: string): string;
  /** Set of bindings that newer kombu's cleaning of expired bindings must spare. */
  permanentBindings(exchange: string): string;
  /** Channel of a fanout exchange; `*` and `#` in the routing key make it a pattern. */
  channel(exchange: string, routingKey: string): string;
  /** Exchange and routing key of a channel. */
  splitChannel(channel: string): { readonly exchange: string; readonly routingKey: string };
  readonly unacked: string;
  readonly unackedIndex: string;
  readonly unackedMutex: string;
  /** Mark that a message was published under this key; ours. */
  once(key: string): string;
  /** Sorted set of far ETAs; ours. */
  readonly parked: string;
  /** Number of the last message that a broker took in one step; ours. `prefix` is that of its tags. */
  takeMark(prefix: string): string;
  /** Remembers that a message taken in one step is back; ours. */
  returned(tag: string): string;
  /** Hash, sorted set and counter of dead letters; ours. */
  readonly deadLetters: string;
  readonly deadLetterIndex: string;
  readonly deadLettersDropped: string;
}

export function createKeyLayout(settings: BrokerSettings, db: number): KeyLayout {
  const { globalKeyprefix: prefix, sep, prioritySteps: steps, fanoutPatterns } = settings;
  const fanoutPrefix = prefix + fanoutPrefixOf(settings.fanoutPrefix, db);
  const listOfStep = (queue: string, step: number): string =>
    step === 0 ? `${prefix}${queue}` : `${prefix}${queue}${sep}${step}`;
  return {
    sep,
    steps,
    list: (queue, priority) => listOfStep(queue, stepOf(priority, steps)),
    lists: (queue) => steps.map((step) => listOfStep(queue, step)),
    bindings: (exchange) => `${prefix}_kombu.binding.${exchange}`,
    permanentBindings: (exchange) => `${prefix}_kombu.binding_permanent.${exchange}`,
    channel: (exchange, routingKey) =>
      routingKey !== "" && fanoutPatterns ? `${fanoutPrefix}${exchange}/${routingKey}` : fanoutPrefix + exchange,
    splitChannel: (channel) => {
      const [exchange = "", ...rest] = channel.slice(fanoutPrefix.length).split("/");
      return { exchange, routingKey: rest.join("/") };
    },
    unacked: prefix + settings.unackedKey,
    unackedIndex: prefix + settings.unackedIndexKey,
    unackedMutex: prefix + settings.unackedMutexKey,
    once: (key) => `${prefix}celeriac.once.${key}`,
    parked: `${prefix}celeriac.parked`,
    takeMark: (tagPrefix) => `${prefix}celeriac.taken.${tagPrefix.slice(0, -1)}`,
    returned: (tag) => `${prefix}celeriac.returned.${tag}`,
    deadLetters: `${prefix}celeriac.dead-letter`,
    deadLetterIndex: `${prefix}celeriac.dead-letter.index`,
    deadLettersDropped: `${prefix}celeriac.dead-letter.dropped`,
  };
}

/** kombu's reading of a priority: 0..9, anything else is 0; then the largest step that is not above it. */
export function stepOf(priority: unknown, steps: readonly number[]): number {
  const wanted = typeof priority === "number" || typeof priority === "string" ? Math.trunc(Number(priority)) : 0;
  const clamped = Math.min(Math.max(Number.isNaN(wanted) ? 0 : wanted, 0), 9);
  let step = 0;
  for (const candidate of steps) if (candidate <= clamped) step = candidate;
  return step;
}

function fanoutPrefixOf(option: boolean | string, db: number): string {
  if (option === false) return "";
  return (option === true ? "/{db}." : option).replace("{db}", String(db));
}
