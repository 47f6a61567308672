/**
 * Options of a signature between our names and the wire's. The wire keeps them in one flat dictionary next to stamps
 * and anything a newer Celery may add; what we do not know rides along unchanged. PROTOCOL 11.1.
 * @module
 */
import { ArgumentError } from "../errors/index.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import { parseDuration } from "../settings/index.js";
import type { Callbacks, SendOptions, SignatureLike } from "./send-options.js";

/** Options of ours that have a wire name. The rest (signal, deadlines) belongs to one call and does not travel. */
const WIRE_NAMES: Readonly<Partial<Record<keyof SendOptions, string>>> = {
  countdown: "countdown",
  eta: "eta",
  expires: "expires",
  priority: "priority",
  queue: "queue",
  exchange: "exchange",
  routingKey: "routing_key",
  serializer: "serializer",
  compression: "compression",
  deliveryMode: "delivery_mode",
  headers: "headers",
  taskId: "task_id",
  shadow: "shadow",
  link: "link",
  linkError: "link_error",
  timeLimit: "time_limit",
  softTimeLimit: "soft_time_limit",
  ignoreResult: "ignore_result",
  replyTo: "reply_to",
  rootId: "root_id",
  parentId: "parent_id",
  groupId: "group_id",
  groupIndex: "group_index",
  argsrepr: "argsrepr",
  kwargsrepr: "kwargsrepr",
  addToParent: "add_to_parent",
};

const OUR_NAMES: ReadonlyMap<string, keyof SendOptions> = new Map(
  Object.entries(WIRE_NAMES).map(([ours, wire]) => [wire, ours as keyof SendOptions]), // Object.entries widens the keys
);

/** Python takes these as numbers of seconds: text such as "10s" would fail there. */
const DURATIONS: ReadonlySet<string> = new Set(["countdown", "expires", "timeLimit", "softTimeLimit"]);

/** Text that begins with a year is a moment, not a duration. */
const MOMENT = /^\d{4}-/;

/** Not options of the call but parts of its message: whoever sends the signature reads them. */
const STRUCTURE: ReadonlySet<string> = new Set(["stamped_headers", "chord", "replaced_task_nesting"]);

/** Whether a name is an option that a signature's dictionary understands (the rest are stamps or extra properties). */
export function isWireOption(name: string): boolean {
  return OUR_NAMES.has(name) || STRUCTURE.has(name);
}

/** One callback or several, always as a list of dictionaries. */
export function toWireCallbacks(callbacks: Callbacks | undefined): readonly WireSignature[] {
  if (callbacks === undefined) return [];
  const list: readonly (SignatureLike | WireSignature)[] = isList(callbacks) ? callbacks : [callbacks];
  return list.map((item) =>
    "toJSON" in item && typeof item.toJSON === "function" ? item.toJSON() : (item as WireSignature),
  );
}

function isList(callbacks: Callbacks): callbacks is readonly (SignatureLike | WireSignature)[] {
  return Array.isArray(callbacks);
}

/**
 * Dates become ISO text, durations seconds, callbacks lists of dictionaries, stamps flat options named by
 * `stamped_headers`, further properties flat members.
 * @throws DurationError; ArgumentError for a stamp named like an option, which nobody could tell apart again.
 */
export function optionsToWire(options: SendOptions): Readonly<Record<string, unknown>> {
  const wire: Record<string, unknown> = { ...options.properties };
  for (const [ours, value] of Object.entries(options)) {
    const name = WIRE_NAMES[ours as keyof SendOptions];
    if (name !== undefined && value !== undefined) wire[name] = wireValue(ours, value);
  }
  if (options.link !== undefined) wire.link = toWireCallbacks(options.link);
  if (options.linkError !== undefined) wire.link_error = toWireCallbacks(options.linkError);
  if (options.stamps !== undefined) {
    const taken = Object.keys(options.stamps).find(isWireOption);
    if (taken !== undefined)
      throw new ArgumentError(`A stamp cannot be named "${taken}": that is an option of its own.`);
    wire.stamped_headers = Object.keys(options.stamps);
    Object.assign(wire, options.stamps);
  }
  return wire;
}

function wireValue(name: string, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return DURATIONS.has(name) && typeof value === "string" && !MOMENT.test(value) ? parseDuration(value) : value;
}

/** The reverse of `optionsToWire`, for signatures that arrive: unknown names are collected under `properties`. */
export function optionsFromWire(wire: Readonly<Record<string, unknown>>): SendOptions {
  const options: Record<string, unknown> = {};
  const stampNames = Array.isArray(wire.stamped_headers) ? wire.stamped_headers.filter(isText) : [];
  const stamps: Record<string, unknown> = {};
  const properties: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wire)) {
    if (value === null || value === undefined || STRUCTURE.has(name)) continue;
    const ours = OUR_NAMES.get(name);
    if (ours !== undefined) options[ours] = value;
    else if (stampNames.includes(name)) stamps[name] = value;
    else properties[name] = value;
  }
  if (stampNames.length > 0) options.stamps = stamps;
  if (Object.keys(properties).length > 0) options.properties = properties;
  return options as SendOptions; // names come from the table; value types are checked where each is used
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
