import type { CallOptions } from "./call-options.js";

/** A message nobody could run, kept with the reason. Times are epoch milliseconds. */
export interface DeadLetterRecord {
  /** Assigned by whoever adds it; unique. */
  readonly id: string;
  readonly queue: string;
  /** A `DecodeErrorCode`, or the name of the rule that put it here. */
  readonly reason: string;
  readonly detail: string;
  readonly at: number;
  readonly worker: string;
  /** Task id and name, when they could be read. */
  readonly taskId?: string;
  readonly taskName?: string;
  /** The transport's bytes in base64, cut at 1 MiB (`truncated` then says so). */
  readonly raw: string;
  readonly truncated?: boolean;
}

/** Where bad messages go instead of disappearing. RELIABILITY section 3. */
export interface DeadLetterStore {
  /** Resolves once stored; only then may the message be acked. */
  add(record: DeadLetterRecord, options?: CallOptions): Promise<void>;
  /** Newest first. `limit` default 100. */
  list(options?: CallOptions & { readonly limit?: number }): Promise<readonly DeadLetterRecord[]>;
  count(options?: CallOptions): Promise<number>;
  /** Removes one record; resolves with whether it was there. */
  remove(id: string, options?: CallOptions): Promise<boolean>;
}
