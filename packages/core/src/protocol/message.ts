/** AMQP basic properties, in wire names. Unknown ones are carried along. */
export interface MessageProperties {
  readonly correlation_id?: string;
  readonly reply_to?: string;
  /** 2 persistent, 1 transient. */
  readonly delivery_mode?: number;
  /** Redis: 0 is most urgent, 9 least. AMQP: higher is more urgent. */
  readonly priority?: number;
  /** Milliseconds as text. */
  readonly expiration?: string;
  readonly [extra: string]: unknown;
}

/**
 * A message as every transport carries it. `body` is the bytes after serialization and compression, before any
 * transport encoding (the base64 of kombu's virtual transports is the adapter's business).
 */
export interface Message {
  readonly body: Uint8Array;
  /** `application/json`; empty when the sender gave none. */
  readonly contentType: string;
  /** `utf-8` or `binary`. */
  readonly contentEncoding: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: MessageProperties;
}
