/**
 * Remote control messages: requests to all or some nodes, and their replies. PROTOCOL section 10, `kombu/pidbox.py`.
 * Anyone who can write to the broker can send these, so everything is checked before a handler sees it.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import type { Message } from "./message.js";
import { compileGlob, compileRegular } from "./name-pattern.js";
import { essence, jsonSerializer, type Serializer } from "./serializer.js";
import { isRecord, showValue } from "./shape.js";

/** A command to nodes. */
export interface ControlRequest {
  /** Name of the command: `ping`. Look it up among own members only. */
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Node names; null or empty for no choice by name. */
  readonly destination: readonly string[] | null;
  /** Choice by name pattern, used when there is no destination. */
  readonly pattern: string | null;
  readonly matcher: "glob" | "pcre" | null;
  /** Identifies the replies; absent when none is wanted. */
  readonly ticket?: string;
  readonly replyTo?: ReplyAddress;
}

export interface ReplyAddress {
  /** `reply.celery.pidbox`. */
  readonly exchange: string;
  /** The requester's id; its queue is `<routing key>.<exchange>`. */
  readonly routingKey: string;
}

/** What travels in headers. */
export interface ControlStamp {
  /** Logical clock; 0 when the sender keeps none. */
  readonly clock: number;
}

export interface ControlReply extends ControlStamp {
  readonly ticket: string;
  /** What each node said, usually one node per message. */
  readonly replies: ReadonlyMap<string, unknown>;
}

export interface ControlOptions {
  /** Default JSON. Nothing else is read. */
  readonly serializer?: Serializer;
  /** Celery's `control_exchange`; replies go to `reply.<namespace>.pidbox` only. Default `celery`. */
  readonly namespace?: string;
}

const maxBodyBytes = 1024 * 1024;
const maxNameLength = 255;
const maxDestinations = 10_000;

/**
 * @param stamp - `expires`: epoch seconds until which the requester listens, 0 when it does not.
 * @throws EncodeError when an argument has no form on the wire.
 */
export function encodeControlRequest(
  request: ControlRequest,
  stamp: ControlStamp & { readonly expires: number },
  options: ControlOptions = {},
): Message {
  const { method, destination, pattern, matcher, ticket, replyTo } = request;
  const body = {
    method,
    arguments: request.arguments,
    destination,
    pattern,
    matcher,
    ...(ticket === undefined ? undefined : { ticket }),
    ...(replyTo && { reply_to: { exchange: replyTo.exchange, routing_key: replyTo.routingKey } }),
  };
  return controlMessage(body, { clock: stamp.clock, expires: stamp.expires }, 2, options);
}

/**
 * @throws DecodeError `E_CONTENT_TYPE`, `E_BODY`, `E_SHAPE` naming the member, also for a pattern that could take long and
 * for a reply address outside the namespace.
 */
export function decodeControlRequest(message: Message, options: ControlOptions = {}): ControlRequest & ControlStamp {
  const body = controlBody(message, options);
  const ticket = optionalName(body, "ticket");
  const replyTo = replyAddress(body.reply_to, options);
  const request: ControlRequest = {
    method: name(body.method, "method"),
    arguments: members(body.arguments, "arguments"),
    destination: destinations(body.destination),
    pattern: text(body.pattern, "pattern"),
    matcher: matcherOf(body.matcher),
    ...(ticket === undefined ? undefined : { ticket }),
    ...(replyTo && { replyTo }),
  };
  compilePattern(request);
  return { ...request, clock: clockOf(message) };
}

/** Whether the node is meant: by destination, else by pattern, else everyone is. */
export function matchesNode(request: ControlRequest, nodeName: string): boolean {
  if (request.destination !== null && request.destination.length > 0) return request.destination.includes(nodeName);
  return compilePattern(request)?.(nodeName) ?? true;
}

/** @throws EncodeError when the reply has no form on the wire. */
export function encodeControlReply(
  nodeName: string,
  reply: unknown,
  stamp: ControlStamp & { readonly ticket: string },
  options: ControlOptions = {},
): Message {
  const headers = { ticket: stamp.ticket, clock: stamp.clock };
  return controlMessage(Object.fromEntries([[nodeName, reply]]), headers, 1, options);
}

/** @throws DecodeError `E_CONTENT_TYPE`, `E_BODY`, `E_SHAPE` */
export function decodeControlReply(message: Message, options: ControlOptions = {}): ControlReply {
  const body = controlBody(message, options);
  return {
    ticket: name(message.headers.ticket, "ticket"),
    clock: clockOf(message),
    replies: new Map(Object.entries(body)),
  };
}

/** Delivery modes as Python writes them: requests 2, replies 1. */
function controlMessage(
  body: unknown,
  headers: Message["headers"],
  deliveryMode: 1 | 2,
  options: ControlOptions,
): Message {
  const serializer = options.serializer ?? jsonSerializer;
  return {
    body: serializer.encode(body),
    contentType: serializer.contentType,
    contentEncoding: serializer.contentEncoding,
    headers,
    properties: { delivery_mode: deliveryMode, priority: 0 },
  };
}

function controlBody(message: Message, options: ControlOptions): Readonly<Record<string, unknown>> {
  const serializer = options.serializer ?? jsonSerializer;
  if (essence(message.contentType) !== essence(serializer.contentType)) {
    throw new DecodeError(
      `Control messages are read as ${serializer.contentType}, not as ${showValue(message.contentType)}.`,
      { code: "E_CONTENT_TYPE" },
    );
  }
  if (message.body.length > maxBodyBytes) {
    throw new DecodeError(`A control message of ${message.body.length} bytes is larger than ${maxBodyBytes}.`, {
      code: "E_BODY",
    });
  }
  const body = serializer.decode(message.body, message.contentEncoding);
  if (!isRecord(body)) throw fault("body", body, "an object");
  return body;
}

/** A clock beyond what counts exactly would freeze everyone's; it is taken as none. */
function clockOf(message: Message): number {
  const clock = message.headers.clock;
  return typeof clock === "number" && Number.isSafeInteger(clock) && clock >= 0 && clock < 2 ** 48 ? clock : 0;
}

function compilePattern({ pattern, matcher }: ControlRequest): ((nodeName: string) => boolean) | undefined {
  // kombu asks for both before it looks at either.
  if (pattern === null || pattern === "" || matcher === null) return undefined;
  try {
    return matcher === "glob" ? compileGlob(pattern) : compileRegular(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`The control message's pattern is refused: ${reason}.`, { code: "E_SHAPE", cause: error });
  }
}

function matcherOf(value: unknown): "glob" | "pcre" | null {
  if (value === null || value === undefined) return null;
  if (value === "glob" || value === "pcre") return value;
  throw fault("matcher", value, '"glob", "pcre" or null');
}

function destinations(value: unknown): readonly string[] | null {
  if (value === null || value === undefined) return null;
  const isList = Array.isArray(value) && value.length <= maxDestinations;
  if (isList && value.every((node) => typeof node === "string" && node.length <= maxNameLength)) return value;
  throw fault("destination", value, `a list of at most ${maxDestinations} node names or null`);
}

function replyAddress(value: unknown, options: ControlOptions): ReplyAddress | undefined {
  if (value === null || value === undefined) return undefined;
  const expected = `reply.${options.namespace ?? "celery"}.pidbox`;
  if (!isRecord(value)) throw fault("reply_to", value, "an object with exchange and routing_key");
  // Anything else would make workers write where a stranger points.
  if (value.exchange !== expected) throw fault("reply_to.exchange", value.exchange, `"${expected}"`);
  return { exchange: expected, routingKey: name(value.routing_key, "reply_to.routing_key") };
}

function members(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {};
  if (isRecord(value)) return value;
  throw fault(where, value, "an object or null");
}

function text(value: unknown, where: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  throw fault(where, value, "text or null");
}

function name(value: unknown, where: string): string {
  if (typeof value === "string" && value !== "" && value.length <= maxNameLength && !/[\0-\x1f\x7f]/.test(value)) {
    return value;
  }
  throw fault(where, value, `text of 1 to ${maxNameLength} characters without control characters`);
}

function optionalName(body: Readonly<Record<string, unknown>>, member: string): string | undefined {
  const value = body[member] ?? undefined;
  return value === undefined ? undefined : name(value, member);
}

function fault(where: string, value: unknown, fix: string): DecodeError {
  return new DecodeError(`The control message's ${where} is ${showValue(value)}; it must be ${fix}.`, {
    code: "E_SHAPE",
  });
}
