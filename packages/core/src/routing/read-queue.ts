import type { Exchange, ExchangeType, Queue } from "../ports/queue.js";
import { nearest } from "../settings/nearest.js";
import { toCamelKey } from "./camel-keys.js";

/** A queue with what Celery keeps in its queue and exchange objects beside the declaration. */
export interface QueueEntry {
  readonly queue: Queue;
  /** Other name it is found by: a broadcast's exchange. */
  readonly alias?: string;
  /** Consumers declare their own queue for it; publishers declare none. */
  readonly isBroadcast: boolean;
  /** Delivery mode of its exchange. */
  readonly deliveryMode?: 1 | 2;
}

/** What a queue takes over when it does not say its own. */
export interface QueueDefaults {
  readonly exchange: Exchange;
  readonly routingKey: string;
  readonly maxPriority: number | null;
  readonly newId: () => string;
}

/** Collects what is wrong in a queue record, so that all of it is reported together. */
type Report = (member: string, message: string) => void;
type Fields = ReadonlyMap<string, unknown>;

const TYPES: ReadonlySet<unknown> = new Set<ExchangeType>(["direct", "topic", "fanout", "headers"]);

const isText = (value: unknown): value is string => typeof value === "string";
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isNumber = (value: unknown): value is number => typeof value === "number" && value >= 0 && Number.isFinite(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isType = (value: unknown): value is ExchangeType => TYPES.has(value);
const isMode = (value: unknown): value is 1 | 2 => value === 1 || value === 2;

const CHECKS: Readonly<Record<string, readonly [check: (value: unknown) => boolean, expected: string]>> = {
  ...named(["name", "routingKey", "bindingKey", "queue", "alias"], isText, "a text"),
  ...named(
    ["durable", "autoDelete", "queueDurable", "queueAutoDelete", "exchangeDurable", "exchangeAutoDelete", "exclusive"],
    isFlag,
    "true or false",
  ),
  ...named(["broadcast"], isFlag, "true or false"),
  ...named(["expires", "messageTtl"], isNumber, "a number of seconds"),
  ...named(["expiresMs", "messageTtlMs"], isNumber, "a number of milliseconds"),
  ...named(["maxLength", "maxLengthBytes", "maxPriority"], isNumber, "a number from 0 up"),
  ...named(["queueArguments", "exchangeArguments", "bindingArguments", "arguments"], isRecord, "a record"),
  exchange: [(value) => isText(value) || isRecord(value), "a name or an exchange"],
  exchangeType: [isType, '"direct", "topic", "fanout" or "headers"'],
  deliveryMode: [isMode, "1 or 2"],
};

function named(
  names: readonly string[],
  check: (value: unknown) => boolean,
  expected: string,
): Record<string, readonly [(value: unknown) => boolean, string]> {
  return Object.fromEntries(names.map((name) => [name, [check, expected] as const]));
}

/**
 * Reads one queue of `taskQueues`: a `Queue` value, or a record as Celery's. Facts from kombu `Queue.from_dict` and
 * Celery `amqp.Queues.add_compat`: without an exchange it is bound to the default one, whatever else it says of it.
 */
export function readQueue(name: string, record: Readonly<object>, defaults: QueueDefaults, report: Report): QueueEntry {
  const fields = readFields(record, report);
  if (fields.get("broadcast") === true) return readBroadcast(name, fields, defaults);
  const routingKey = pick(fields, isText, "routingKey", "bindingKey");
  const own = readExchange(fields);
  const isQueueValue = fields.get("routingKey") === "";
  const queue = buildQueue(name, own ?? defaults.exchange, fields, defaults, {
    routingKey: routingKey || (isQueueValue ? defaults.routingKey : name),
  });
  const deliveryMode = own === undefined ? undefined : readDeliveryMode(fields);
  const alias = pick(fields, isText, "alias");
  return {
    queue,
    isBroadcast: false,
    ...(alias === undefined ? {} : { alias }),
    ...(deliveryMode === undefined ? {} : { deliveryMode }),
  };
}

function readBroadcast(name: string, fields: Fields, defaults: QueueDefaults): QueueEntry {
  const exchange: Exchange = readExchange(fields) ?? { name, type: "fanout" };
  const queue = buildQueue(pick(fields, isText, "queue") ?? `bcast.${defaults.newId()}`, exchange, fields, defaults, {
    routingKey: pick(fields, isText, "routingKey", "bindingKey") || defaults.routingKey,
    autoDelete: true,
  });
  return { queue, alias: name, isBroadcast: true };
}

function readFields(record: Readonly<object>, report: Report): Fields {
  const fields = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record)) {
    if (value === undefined || value === null) continue;
    const member = toCamelKey(key);
    const rule = Object.hasOwn(CHECKS, member) ? CHECKS[member] : undefined;
    if (rule === undefined) {
      const near = nearest(member, Object.keys(CHECKS));
      report(
        key,
        near === undefined ? "A queue has no such member." : `A queue has no such member. Did you mean ${near}?`,
      );
    } else if (!rule[0](value)) report(key, `must be ${rule[1]}.`);
    else fields.set(member, value);
  }
  return fields;
}

function pick<T>(fields: Fields, is: (value: unknown) => value is T, ...names: readonly string[]): T | undefined {
  for (const name of names) {
    const value = fields.get(name);
    if (is(value)) return value;
  }
  return undefined;
}

/** `undefined` when the queue has no exchange of its own. */
function readExchange(fields: Fields): Exchange | undefined {
  const given = fields.get("exchange");
  const record: Readonly<Record<string, unknown>> = isRecord(given) ? given : {};
  const name = isText(given) ? given : record.name;
  if (!isText(name) || name === "") return undefined;
  const inherited = isText(given);
  const durable = pick(fields, isFlag, "exchangeDurable", ...(inherited ? ["durable"] : [])) ?? record.durable;
  const autoDelete =
    pick(fields, isFlag, "exchangeAutoDelete", ...(inherited ? ["autoDelete"] : [])) ?? record.autoDelete;
  const own = pick(fields, isRecord, "exchangeArguments") ?? record.arguments;
  const type = fields.get("exchangeType") ?? record.type;
  return {
    name,
    type: isType(type) ? type : "direct",
    ...(isFlag(durable) ? { durable } : {}),
    ...(isFlag(autoDelete) ? { autoDelete } : {}),
    ...(isRecord(own) ? { arguments: own } : {}),
  };
}

function readDeliveryMode(fields: Fields): 1 | 2 | undefined {
  const given = fields.get("exchange");
  const ofExchange = isRecord(given) ? (given.deliveryMode ?? given.delivery_mode) : undefined;
  return pick(fields, isMode, "deliveryMode") ?? (isMode(ofExchange) ? ofExchange : undefined);
}

function buildQueue(
  name: string,
  exchange: Exchange,
  fields: Fields,
  defaults: QueueDefaults,
  own: { readonly routingKey: string; readonly autoDelete?: boolean },
): Queue {
  // RabbitMQ's x-max-priority and our maxPriority are one thing; it is kept in one place.
  const { "x-max-priority": argued, ...rest } = pick(fields, isRecord, "queueArguments", "arguments") ?? {};
  const maxPriority =
    pick(fields, isNumber, "maxPriority") ?? (isNumber(argued) ? argued : (defaults.maxPriority ?? undefined));
  const maxLength = pick(fields, isNumber, "maxLength");
  const maxLengthBytes = pick(fields, isNumber, "maxLengthBytes");
  const expires = pick(fields, isNumber, "expires");
  const messageTtl = pick(fields, isNumber, "messageTtl");
  const queueArguments = {
    ...rest,
    ...(maxLength === undefined ? {} : { "x-max-length": maxLength }),
    ...(maxLengthBytes === undefined ? {} : { "x-max-length-bytes": maxLengthBytes }),
  };
  const optional = {
    durable: pick(fields, isFlag, "queueDurable", "durable"),
    autoDelete: pick(fields, isFlag, "queueAutoDelete", "autoDelete") ?? own.autoDelete,
    exclusive: pick(fields, isFlag, "exclusive"),
    expiresMs: pick(fields, isNumber, "expiresMs") ?? (expires === undefined ? undefined : expires * 1000),
    messageTtlMs: pick(fields, isNumber, "messageTtlMs") ?? (messageTtl === undefined ? undefined : messageTtl * 1000),
    maxPriority,
    bindingArguments: pick(fields, isRecord, "bindingArguments"),
    arguments: Object.keys(queueArguments).length === 0 ? undefined : queueArguments,
  };
  const queue = { name, exchange, routingKey: own.routingKey, ...withoutUndefined(optional) };
  return Object.freeze(queue);
}

/** exactOptionalPropertyTypes: an absent member is not one that is undefined. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Object.fromEntries forgets the keys' types; only members that are undefined have gone.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
