import type { Exchange, ExchangeType, Queue } from "../ports/queue.js";
import { toCamelKey } from "./camel-keys.js";

/** A route or the destination part of call options, checked and in camelCase. */
export interface ParsedRoute {
  readonly queue?: string | Queue;
  readonly exchange?: string;
  readonly exchangeType?: ExchangeType;
  readonly routingKey?: string;
  readonly priority?: number;
  readonly deliveryMode?: 1 | 2;
  /** What else the route says: call options such as `serializer` or `expires`. Absent when nothing. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** A route that says nothing ends the search, and the default queue is used. */
  readonly isEmpty: boolean;
}

const EMPTY: ParsedRoute = Object.freeze({ isEmpty: true });
const EXCHANGE_TYPES: ReadonlySet<string> = new Set(["direct", "topic", "fanout", "headers"]);

/** @returns The route, or a text that says what is wrong with it. */
export function parseRoute(value: unknown): ParsedRoute | string {
  if (typeof value === "string") return value === "" ? EMPTY : { queue: value, isEmpty: false };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "must be the name of a queue or a record with queue, exchange, routingKey, priority.";
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return EMPTY;
  const route: Record<string, unknown> = { isEmpty: false };
  const extra: Record<string, unknown> = {};
  for (const [key, member] of entries) {
    const name = toCamelKey(key);
    if (member === undefined || member === null) continue;
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader === undefined) {
      extra[name] = member;
      continue;
    }
    const problem = reader(member, route);
    if (problem !== undefined) return `${key} ${problem}`;
  }
  // Each member was put there by the reader of its name.
  return { ...route, ...(Object.keys(extra).length === 0 ? {} : { extra }) } as ParsedRoute;
}

type MemberReader = (member: unknown, route: Record<string, unknown>) => string | undefined;

const READERS: Readonly<Record<string, MemberReader>> = {
  queue(member, route) {
    if (typeof member !== "string" && !isQueue(member)) return "must be a name or a queue.";
    if (member !== "") route.queue = member;
    return undefined;
  },
  exchange(member, route) {
    const exchange = typeof member === "string" ? { name: member } : member;
    if (!isExchange(exchange)) return "must be a name or an exchange.";
    if (exchange.name !== "") route.exchange = exchange.name;
    if (exchange.type !== undefined) route.exchangeType ??= exchange.type;
    return undefined;
  },
  exchangeType(member, route) {
    if (typeof member !== "string" || !EXCHANGE_TYPES.has(member)) return "must be direct, topic, fanout or headers.";
    route.exchangeType = member;
    return undefined;
  },
  routingKey(member, route) {
    if (typeof member !== "string") return "must be a text.";
    if (member !== "") route.routingKey = member;
    return undefined;
  },
  priority(member, route) {
    if (typeof member !== "number" || !Number.isInteger(member) || member < 0 || member > 255) {
      return "must be a whole number from 0 to 255.";
    }
    route.priority = member;
    return undefined;
  },
  deliveryMode(member, route) {
    const mode = member === "transient" ? 1 : member === "persistent" ? 2 : member;
    if (mode !== 1 && mode !== 2) return "must be 1 (transient) or 2 (persistent).";
    route.deliveryMode = mode;
    return undefined;
  },
};

function isExchange(value: unknown): value is Pick<Exchange, "name"> & Partial<Exchange> {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

function isQueue(value: unknown): value is Queue {
  return isExchange(value) && "exchange" in value && isExchange(value.exchange) && "routingKey" in value;
}
