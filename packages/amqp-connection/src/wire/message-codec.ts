/**
 * A message of ours as AMQP properties and body, and back. The body is the serialized payload itself: no envelope, no
 * base64. PROTOCOL 6.2.
 * @module
 */
import { EncodeError } from "@celeriac/core/errors";
import type { Message, MessageProperties } from "@celeriac/core/protocol";
import type { Options } from "amqplib";
import { toFieldTable } from "./encode-table.js";
import type { WireProperties } from "./read-properties.js";

/** What `publish` of amqplib takes. */
export interface EncodedMessage {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

/**
 * Headers that a server wrote about a message it dead-lettered or delivered again. Sent on, they would make RabbitMQ
 * believe that a retried message runs in circles, and drop it (RELIABILITY G18).
 */
const SERVER_HEADERS = /^x-(?:death|first-death-.*|last-death-.*|delivery-count|acquired-count)$/;

/** @throws EncodeError for a header, property or routing key that AMQP cannot carry. */
export function encodeMessage(message: Message, mandatory: boolean): EncodedMessage {
  const { body, contentType, contentEncoding, properties } = message;
  const options: Options.Publish = {
    mandatory,
    contentType,
    contentEncoding,
    headers: toFieldTable(ownHeaders(message.headers)),
    deliveryMode: properties.delivery_mode ?? 2,
    priority: properties.priority ?? 0,
  };
  shortText(options, "correlationId", properties.correlation_id);
  shortText(options, "replyTo", properties.reply_to);
  shortText(options, "expiration", properties.expiration);
  shortText(options, "messageId", properties.message_id);
  shortText(options, "type", properties.type);
  shortText(options, "appId", properties.app_id);
  if (typeof properties.timestamp === "number") options.timestamp = properties.timestamp;
  return { content: Buffer.from(body.buffer, body.byteOffset, body.byteLength), options };
}

function ownHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = Object.keys(headers);
  if (!names.some((name) => SERVER_HEADERS.test(name))) return headers;
  return Object.fromEntries(names.filter((name) => !SERVER_HEADERS.test(name)).map((name) => [name, headers[name]]));
}

type TextProperty = "correlationId" | "replyTo" | "expiration" | "messageId" | "type" | "appId";

function shortText(options: Options.Publish, name: TextProperty, value: unknown): void {
  if (typeof value !== "string") return; // py-amqp leaves out what has no value, too
  checkShort(value, `The property ${name}`);
  options[name] = value;
}

/** AMQP's short strings: names, keys, ids. @throws EncodeError */
export function checkShort(value: string, what: string): void {
  if (value.length > 85 && Buffer.byteLength(value) > 255) {
    throw new EncodeError(`${what} is ${Buffer.byteLength(value)} bytes long; AMQP allows 255.`);
  }
}

/** A message out of what was delivered. */
export function decodeMessage(content: Buffer, wire: WireProperties): Message {
  return {
    body: content,
    contentType: wire.contentType ?? "",
    contentEncoding: wire.contentEncoding ?? "utf-8",
    headers: wire.headers ?? {},
    properties: decodeProperties(wire),
  };
}

const NAMES: readonly (readonly [from: keyof WireProperties, to: string])[] = [
  ["correlationId", "correlation_id"],
  ["replyTo", "reply_to"],
  ["deliveryMode", "delivery_mode"],
  ["priority", "priority"],
  ["expiration", "expiration"],
  ["messageId", "message_id"],
  ["timestamp", "timestamp"],
  ["type", "type"],
  ["userId", "user_id"],
  ["appId", "app_id"],
  ["clusterId", "cluster_id"],
];

function decodeProperties(wire: WireProperties): MessageProperties {
  const properties: Record<string, unknown> = {};
  for (const [from, to] of NAMES) {
    const value = wire[from];
    if (value !== undefined) properties[to] = value;
  }
  return properties;
}
