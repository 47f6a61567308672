import type { Message } from "./message.js";
import type { Embed } from "./wire-signature.js";

/** `[hard, soft]` in seconds, in that order as on the wire. */
export type TimeLimits = readonly [number | null, number | null];

/**
 * What a task message says, protocol 1, 2 or the hybrid, in one shape. Everything is checked: types, ranges, lengths.
 * Times are epoch milliseconds.
 */
export interface TaskRequest {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed: Embed;
  readonly etaMs: number | undefined;
  readonly expiresMs: number | undefined;
  /** The header's own text: resent unchanged on retry. */
  readonly expires: string | null;
  readonly retries: number;
  readonly timeLimits: TimeLimits;
  readonly group: string | null;
  readonly groupIndex: number | null;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly shadow: string | null;
  readonly origin: string | null;
  readonly ignoreResult: boolean;
  readonly replacedTaskNesting: number;
  readonly stampedHeaders: readonly string[] | null;
  readonly stamps: Readonly<Record<string, unknown>>;
  readonly argsrepr: string | null;
  readonly kwargsrepr: string | null;
  readonly replyTo: string | null;
  readonly correlationId: string;
  readonly priority: number | null;
  /** Headers that are not Celery's own. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** 1 or 2; hybrids count as 2. */
  readonly protocol: 1 | 2;
  /** The message it was read from: content type, compression and properties for retries. */
  readonly message: Message;
}

/** A task about to be sent, every decision made: what `encodeTask` writes. Times are ISO text with offset. */
export interface OutgoingTask {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed?: Partial<Embed>;
  readonly eta?: string | null;
  readonly expires?: string | null;
  /** Milliseconds until expiry, for the `expiration` property. */
  readonly expirationMs?: number;
  readonly retries?: number;
  readonly timeLimits?: TimeLimits;
  readonly group?: string | null;
  readonly groupIndex?: number | null;
  readonly rootId?: string;
  readonly parentId?: string | null;
  readonly shadow?: string | null;
  readonly origin?: string;
  readonly ignoreResult?: boolean;
  readonly replacedTaskNesting?: number;
  readonly stampedHeaders?: readonly string[] | null;
  readonly stamps?: Readonly<Record<string, unknown>>;
  /** Shown instead of the arguments; Python-style repr of them when absent. */
  readonly argsrepr?: string;
  readonly kwargsrepr?: string;
  readonly replyTo?: string;
  readonly priority?: number;
  /** Default 2. */
  readonly deliveryMode?: 1 | 2;
  /** Custom headers, merged at top level; Celery's own names win. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Extra message properties. */
  readonly properties?: Readonly<Record<string, unknown>>;
}
