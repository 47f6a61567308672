/**
 * How often a message was handed out in vain: its owner died, or gave it back as failed. Redis does not count, so whoever puts
 * such a message back writes the number into its envelope, next to kombu's `redelivered`, where Python workers leave it
 * alone; what those put back themselves does not count. A retry is a new message and starts at 0.
 * @module
 */
import { decodeJson, encodeJson } from "@celeriac/core/protocol";

const NAME = "delivery_count";

/** 0 for what is no envelope. Reads the whole envelope: only for what is known to be delivered again. */
export function countDeliveries(envelope: Buffer): number {
  try {
    const count = readParts(envelope.toString("utf8")).info[NAME];
    return typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}

/** The envelope with one more delivery; unchanged when it is none. */
export function addDelivery(envelope: string): string {
  try {
    const { document, properties, info } = readParts(envelope);
    const count = info[NAME];
    const before = typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 0;
    return encodeJson({ ...document, properties: { ...properties, delivery_info: { ...info, [NAME]: before + 1 } } });
  } catch {
    return envelope;
  }
}

type Members = Readonly<Record<string, unknown>>;

/** @throws TypeError for another shape, or an error of the JSON reader. */
function readParts(envelope: string): {
  readonly document: Members;
  readonly properties: Members;
  readonly info: Members;
} {
  const document = membersOf(decodeJson(envelope));
  const properties = membersOf(document.properties);
  return { document, properties, info: membersOf(properties.delivery_info) };
}

function membersOf(value: unknown): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not an object");
  return value as Members; // any object is one, looked at member by member
}
