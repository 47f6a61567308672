/**
 * Has the header frames of a connection read by us instead of by amqplib: see `decode-table.ts` for why. What cannot be
 * read at all becomes a malformed delivery instead of the end of the connection.
 * @module
 */
import { DecodeError } from "@celeriac/core/errors";
import { readProperties, type WireProperties } from "./read-properties.js";

/** What we rely on inside amqplib 2.3: its connection keeps unread bytes in `rest` and takes frames with `recvFrame`. */
interface FrameSource {
  rest: Buffer;
  recvFrame(): unknown;
}

const HEADER_FRAME = 2;
const FRAME_HEADER_BYTES = 7;
const FRAME_END = 0xce;
/** Class and weight, two bytes each, and the size of the body. */
const PROPERTIES_AT = 12;

/** Properties of a message whose header frame could not be read. */
export interface UnreadableProperties {
  readonly unreadable: DecodeError;
  /** The frame's payload. */
  readonly bytes: Buffer;
}

/**
 * Takes over the header frames of an open connection.
 * @returns false when the library is not built as expected: it then reads them itself.
 */
export function readOwnHeaderFrames(connection: unknown): boolean {
  if (!isFrameSource(connection)) return false;
  const inherited = connection.recvFrame.bind(connection);
  connection.recvFrame = () => takeHeaderFrame(connection) ?? inherited();
  return true;
}

/** The header frame at the start of what was received, or `undefined`: another frame, or not all of it yet. */
function takeHeaderFrame(source: FrameSource): object | undefined {
  const { rest } = source;
  if (rest.length < FRAME_HEADER_BYTES || rest[0] !== HEADER_FRAME) return undefined;
  const end = FRAME_HEADER_BYTES + rest.readUInt32BE(3);
  if (rest.length <= end || rest[end] !== FRAME_END) return undefined;
  const payload = rest.subarray(FRAME_HEADER_BYTES, end);
  if (payload.length < PROPERTIES_AT + 2) return undefined;
  source.rest = rest.subarray(end + 1);
  return {
    id: payload.readUInt16BE(0),
    channel: rest.readUInt16BE(1),
    size: Number(payload.readBigUInt64BE(4)),
    fields: read(payload),
  };
}

function read(payload: Buffer): WireProperties | UnreadableProperties {
  try {
    return readProperties(payload.subarray(PROPERTIES_AT));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const unreadable = new DecodeError(`The properties of the message cannot be read: ${reason}.`, {
      code: "E_ENVELOPE",
      cause,
    });
    return { unreadable, bytes: Buffer.from(payload) };
  }
}

function isFrameSource(value: unknown): value is FrameSource {
  if (typeof value !== "object" || value === null || !("rest" in value) || !("recvFrame" in value)) return false;
  return Buffer.isBuffer(value.rest) && typeof value.recvFrame === "function";
}
