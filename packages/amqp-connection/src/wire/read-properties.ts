/**
 * Reads the header frame of a message: the fourteen properties of AMQP's basic class, in their order on the wire.
 * @module
 */
import { decodeTable, type FieldTable } from "./decode-table.js";

/** Named as in amqplib's messages. An absent property is `undefined`. */
export interface WireProperties {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  headers: FieldTable | undefined;
  deliveryMode: number | undefined;
  priority: number | undefined;
  correlationId: string | undefined;
  replyTo: string | undefined;
  expiration: string | undefined;
  messageId: string | undefined;
  /** Epoch seconds. */
  timestamp: number | undefined;
  type: string | undefined;
  userId: string | undefined;
  appId: string | undefined;
  clusterId: string | undefined;
}

/**
 * @param bytes - The payload of the frame after class, weight and body size: flags first.
 * @throws RangeError when they do not hold what the flags promise.
 */
export function readProperties(bytes: Buffer): WireProperties {
  const flags = bytes.readUInt16BE(0);
  let at = 2;
  const has = (bit: number): boolean => (flags & (1 << bit)) !== 0;
  const text = (bit: number): string | undefined => {
    if (!has(bit)) return undefined;
    const end = at + 1 + bytes.readUInt8(at);
    if (end > bytes.length) throw new RangeError("a property ends too early");
    const value = bytes.toString("utf8", at + 1, end);
    at = end;
    return value;
  };
  const octet = (bit: number): number | undefined => (has(bit) ? bytes.readUInt8(at++) : undefined);
  const table = (bit: number): FieldTable | undefined => {
    if (!has(bit)) return undefined;
    const read = decodeTable(bytes.subarray(at));
    at += read.size;
    return read.table;
  };
  const time = (bit: number): number | undefined => {
    if (!has(bit)) return undefined;
    at += 8;
    return Number(bytes.readBigUInt64BE(at - 8));
  };
  // Members are evaluated in the order in which they are written here, which is the order on the wire.
  return {
    contentType: text(15),
    contentEncoding: text(14),
    headers: table(13),
    deliveryMode: octet(12),
    priority: octet(11),
    correlationId: text(10),
    replyTo: text(9),
    expiration: text(8),
    messageId: text(7),
    timestamp: time(6),
    type: text(5),
    userId: text(4),
    appId: text(3),
    clusterId: text(2),
  };
}
