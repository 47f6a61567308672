/**
 * kombu's envelope, the text in which virtual transports (Redis, filesystem, memory) carry a message. PROTOCOL 5.1.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "./bytes.js";
import { decodeJson, encodeJson } from "./json.js";
import type { Message, MessageProperties } from "./message.js";
import { isRecord, showValue } from "./shape.js";

/** A message out of its envelope. */
export interface Envelope {
  /** Properties without those that belong to the envelope (`delivery_info`, `delivery_tag`, `body_encoding`). */
  readonly message: Message;
  /** Empty for the anonymous exchange and when the sender named none. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Empty when the sender gave none. */
  readonly deliveryTag: string;
  readonly redelivered: boolean;
}

/** What the transport adds to a message. */
export interface EnvelopeInfo {
  readonly exchange: string;
  readonly routingKey: string;
  /** Unique; the field under which kombu keeps the message while it is unacknowledged. */
  readonly deliveryTag: string;
  /** Wins over the message's own; 0 when neither is given, as Python writes it. */
  readonly priority?: number;
}

/** @returns JSON text with the body in base64. @throws EncodeError when headers or properties have no JSON form. */
export function encodeEnvelope(message: Message, info: EnvelopeInfo): string {
  const delivery = `{"exchange":${JSON.stringify(info.exchange)},"routing_key":${JSON.stringify(info.routingKey)}}`;
  const priority = info.priority ?? message.properties.priority ?? 0;
  // Base64 needs no escaping, and the parts are put together as text: building the object first costs several times more.
  return (
    `{"body":"${encodeBase64(message.body)}","content-encoding":${JSON.stringify(message.contentEncoding)},` +
    `"content-type":${JSON.stringify(message.contentType)},"headers":${encodeJson(message.headers)},` +
    `"properties":{${propertyMembers(message.properties)}"delivery_info":${delivery},"priority":${encodeJson(priority)},` +
    `"body_encoding":"base64","delivery_tag":${JSON.stringify(info.deliveryTag)}}}`
  );
}

/** `"name":value,` for every property that the envelope does not write itself. */
function propertyMembers(properties: MessageProperties): string {
  let text = "";
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (value === undefined || isEnvelopeProperty(name) || name === "priority") continue;
    text += `${JSON.stringify(name)}:${typeof value === "string" ? JSON.stringify(value) : encodeJson(value)},`;
  }
  return text;
}

function isEnvelopeProperty(name: string): boolean {
  return name === "delivery_info" || name === "delivery_tag" || name === "body_encoding";
}

/**
 * Reads an envelope of any kombu version. A missing content type is "", a missing content encoding `utf-8`, missing
 * headers and properties are empty; whether the values mean anything is for `decodeTask` to say.
 * @throws DecodeError `E_ENVELOPE` when it is no envelope, `E_BODY` when the body does not match its `body_encoding`.
 */
export function decodeEnvelope(raw: string | Uint8Array): Envelope {
  const document = parseEnvelope(raw);
  const headers = recordMember(document, "headers");
  const { delivery_info, delivery_tag, body_encoding, ...rest } = recordMember(document, "properties");
  const delivery = isRecord(delivery_info) ? delivery_info : {};
  return {
    message: {
      body: decodeBody(document.body, body_encoding),
      contentType: textMember(document, "content-type", ""),
      contentEncoding: textMember(document, "content-encoding", "utf-8"),
      headers,
      // Values from outside under their declared names; `decodeTask` checks each before it is used.
      properties: rest as MessageProperties,
    },
    exchange: typeof delivery.exchange === "string" ? delivery.exchange : "",
    routingKey: typeof delivery.routing_key === "string" ? delivery.routing_key : "",
    deliveryTag: typeof delivery_tag === "string" ? delivery_tag : "",
    redelivered: headers.redelivered === true || delivery.redelivered === true,
  };
}

/** The envelope flagged as delivered before, as kombu flags what it restores; `raw` unchanged when it is no envelope. */
export function markRedelivered(raw: string): string {
  try {
    const document = parseEnvelope(raw);
    const properties = recordMember(document, "properties");
    const delivery = isRecord(properties.delivery_info) ? properties.delivery_info : {};
    return encodeJson({
      ...document,
      headers: { ...recordMember(document, "headers"), redelivered: true },
      properties: { ...properties, delivery_info: { ...delivery, redelivered: true } },
    });
  } catch {
    return raw;
  }
}

function parseEnvelope(raw: string | Uint8Array): Record<string, unknown> {
  const text = typeof raw === "string" ? raw : decodeUtf8(raw);
  if (text === undefined) throw malformed("it is not valid UTF-8");
  let document: unknown;
  try {
    document = decodeJson(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error), error);
  }
  if (!isRecord(document)) throw malformed(`it is ${showValue(document)}, not an object`);
  if (!Object.hasOwn(document, "body")) throw malformed("it has no body");
  return document;
}

function recordMember(document: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = Object.hasOwn(document, name) ? document[name] : undefined;
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw malformed(`"${name}" is ${showValue(value)}, not an object`);
  return value;
}

function textMember(document: Record<string, unknown>, name: string, fallback: string): string {
  const value = Object.hasOwn(document, name) ? document[name] : undefined;
  if (value === undefined || value === null) return fallback;
  if (typeof value !== "string") throw malformed(`"${name}" is ${showValue(value)}, not a string`);
  return value;
}

function decodeBody(body: unknown, encoding: unknown): Uint8Array {
  if (typeof body !== "string") throw bodyFault(`is ${showValue(body)}, not a string`);
  if (encoding === "base64") {
    const bytes = decodeBase64(body);
    if (bytes === undefined) throw bodyFault("is not valid base64");
    return bytes;
  }
  const isText = encoding === undefined || encoding === null || encoding === "utf-8" || encoding === "utf8";
  if (!isText) throw bodyFault(`has the body_encoding ${showValue(encoding)}; known are "base64" and "utf-8"`);
  if (/\p{Surrogate}/u.test(body)) throw bodyFault("is text with a lone surrogate");
  return encodeUtf8(body);
}

function malformed(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`Not a message envelope: ${reason}.`, { code: "E_ENVELOPE", cause });
}

function bodyFault(reason: string): DecodeError {
  return new DecodeError(`The body of the envelope ${reason}.`, { code: "E_BODY" });
}
