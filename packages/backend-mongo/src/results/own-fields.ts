/**
 * What we keep in a document beside Celery's fields, in one of our own. Python reads none of it, and writes documents whole,
 * so that what is there belongs to what stands beside it.
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "@celeriac/core/ports";
import type { StoredDocument } from "../connect/mongo-server.js";

/** The name of the field. */
export const OWN = "celeriac";

export interface OwnFields {
  /** Another one for every store. */
  readonly rev: string;
  /** When it was stored. */
  readonly at: Date;
  /** When MongoDB may remove it. */
  readonly expires_at?: Date;
}

/** Makes the fields of a store. */
export type Stamp = () => OwnFields;

/** @param expiresMs - 0 keeps for ever. */
export function createStamp(clock: Clock, expiresMs: number): Stamp {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  return () => {
    const nowMs = clock.now();
    count += 1;
    const expiry = expiresMs > 0 ? { expires_at: new Date(nowMs + expiresMs) } : {};
    return { rev: `${prefix}${count.toString(36)}`, at: new Date(nowMs), ...expiry };
  };
}

/** What of ours is in a document, as unchecked as all of it. */
export function ownFieldsOf(document: StoredDocument): Readonly<Record<string, unknown>> {
  const own = document[OWN];
  return typeof own === "object" && own !== null && !Array.isArray(own) ? { ...own } : {};
}
