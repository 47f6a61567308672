import { ConfigError, type ConfigIssue } from "../errors/config-error.js";
import type { Exchange, Queue } from "../ports/queue.js";
import type { Settings } from "../settings/settings.js";
import { type QueueDefaults, type QueueEntry, readQueue } from "./read-queue.js";
import { QueueNotFound } from "./routing-error.js";

/** The settings that decide about queues. */
export type QueueSettings = Pick<
  Settings,
  | "taskQueues"
  | "taskQueueMaxPriority"
  | "taskCreateMissingQueues"
  | "taskCreateMissingQueueType"
  | "taskCreateMissingQueueExchangeType"
  | "taskDefaultQueue"
  | "taskDefaultQueueType"
  | "taskDefaultExchange"
  | "taskDefaultExchangeType"
  | "taskDefaultRoutingKey"
>;

export interface QueueTable {
  /** In the order of the settings. */
  readonly declared: readonly Queue[];
  /** Exchange of queues that name none. */
  readonly defaultExchange: Exchange;
  readonly defaultRoutingKey: string;
  /** Whether `name` is declared, under its own name or as a broadcast. */
  has(name: string): boolean;
  /**
   * The queue of that name, made on demand where the settings allow it: the same value every time.
   * @throws QueueNotFound naming the declared ones.
   */
  get(name: string): Queue;
  /** Like `get`, with what only routing needs. Throws like `get`. */
  entry(name: string): QueueEntry;
  /** Whether `get` may answer for this name. */
  allows(name: string): boolean;
}

export interface QueueTableOptions {
  /** Unique part of a broadcast queue's name; default a random UUID. */
  readonly newId?: () => string;
}

/** Queues made on demand are few, but a name may come from data; beyond this many the memory of them starts anew. */
const MAX_MADE = 10_000;

/**
 * The table of queues that the settings declare. Without `taskQueues` it is the default queue alone.
 * @throws ConfigError naming everything wrong in `taskQueues`.
 * @see celery/app/amqp.py `Queues`.
 */
export function resolveQueues(settings: QueueSettings, options: QueueTableOptions = {}): QueueTable {
  const defaults = queueDefaults(settings, options);
  const entries = declare(settings, defaults);
  const byName = new Map<string, QueueEntry>();
  for (const entry of entries) byName.set(entry.queue.name, entry);
  const byAlias = new Map(
    entries.flatMap((entry) => (entry.alias === undefined ? [] : [[entry.alias, entry] as const])),
  );
  const made = new Map<string, QueueEntry>();

  function entryOf(name: string): QueueEntry {
    const known = byAlias.get(name) ?? byName.get(name) ?? made.get(name);
    if (known !== undefined) return known;
    if (!settings.taskCreateMissingQueues || name === "") {
      throw new QueueNotFound(name, [...byAlias.keys(), ...byName.keys()]);
    }
    if (made.size >= MAX_MADE) made.clear();
    const entry = makeMissing(name, settings, defaults);
    made.set(name, entry);
    return entry;
  }

  return {
    declared: Object.freeze([...byName.values()].map((entry) => entry.queue)),
    defaultExchange: defaults.exchange,
    defaultRoutingKey: defaults.routingKey,
    has: (name) => byAlias.has(name) || byName.has(name),
    get: (name) => entryOf(name).queue,
    entry: entryOf,
    allows: (name) => settings.taskCreateMissingQueues || byAlias.has(name) || byName.has(name),
  };
}

function queueDefaults(settings: QueueSettings, options: QueueTableOptions): QueueDefaults {
  return {
    exchange: {
      name: settings.taskDefaultExchange || settings.taskDefaultQueue,
      type: settings.taskDefaultExchangeType,
    },
    routingKey: settings.taskDefaultRoutingKey || settings.taskDefaultQueue,
    maxPriority: settings.taskQueueMaxPriority,
    newId: options.newId ?? (() => globalThis.crypto.randomUUID()),
  };
}

function declare(settings: QueueSettings, defaults: QueueDefaults): readonly QueueEntry[] {
  const given = settings.taskQueues ?? [];
  const named: (readonly [key: string, name: string | undefined, value: unknown])[] = Array.isArray(given)
    ? given.map((value: unknown, index) => [`taskQueues[${index}]`, nameOf(value), value] as const)
    : Object.entries(given).map(([name, value]) => [`taskQueues.${name}`, name, value] as const);
  if (named.length === 0) return [defaultQueue(settings, defaults)];
  const issues: ConfigIssue[] = [];
  const entries: QueueEntry[] = [];
  for (const [key, name, value] of named) {
    if (name === undefined || name === "")
      issues.push({ key, message: "has no name; give a text, a queue or a record with a name." });
    else if (typeof value === "string") entries.push(makeMissing(name, settings, defaults));
    else if (typeof value !== "object" || value === null) issues.push({ key, message: "must be a queue or a record." });
    else
      entries.push(
        readQueue(name, value, defaults, (member, message) => issues.push({ key: `${key}.${member}`, message })),
      );
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return entries;
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function defaultQueue(settings: QueueSettings, defaults: QueueDefaults): QueueEntry {
  return plainEntry(
    settings.taskDefaultQueue,
    defaults.exchange,
    defaults.routingKey,
    settings.taskDefaultQueueType,
    defaults,
  );
}

/** A queue nobody declared: an exchange and a routing key of its own name. */
function makeMissing(name: string, settings: QueueSettings, defaults: QueueDefaults): QueueEntry {
  const exchange = { name, type: settings.taskCreateMissingQueueExchangeType ?? "direct" };
  return plainEntry(name, exchange, name, settings.taskCreateMissingQueueType, defaults);
}

function plainEntry(
  name: string,
  exchange: Exchange,
  routingKey: string,
  queueType: "classic" | "quorum",
  { maxPriority }: QueueDefaults,
): QueueEntry {
  const queue: Queue = {
    name,
    exchange,
    routingKey,
    ...(maxPriority === null ? {} : { maxPriority }),
    ...(queueType === "quorum" ? { arguments: { "x-queue-type": "quorum" } } : {}),
  };
  return { queue: Object.freeze(queue), isBroadcast: false };
}
