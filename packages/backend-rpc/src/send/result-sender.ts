import type { AmqpLink } from "@celeriac/amqp-connection";
import { checkShort, encodeMessage, Publisher, Topology } from "@celeriac/amqp-connection";
import type { CallOptions } from "@celeriac/core/ports";
import type { Compression, Message, ResultRecord } from "@celeriac/core/protocol";
import { compressWhenWorthwhile, encodeResultMessage } from "@celeriac/core/protocol";

export interface ResultSenderOptions {
  readonly link: AmqpLink;
  readonly timeoutMs: number;
  readonly isPersistent: boolean;
  /** `undefined` sends results as they are. */
  readonly compression: Compression | undefined;
}

/** Sends results to whoever asked for them, each confirmed. PROTOCOL 7.7. */
export class ResultSender {
  readonly #publisher: Publisher;
  readonly #deliveryMode: 1 | 2;
  readonly #compression: Compression | undefined;

  constructor({ link, timeoutMs, isPersistent, compression }: ResultSenderOptions) {
    this.#publisher = new Publisher({ link, topology: new Topology(link), timeoutMs });
    this.#deliveryMode = isPersistent ? 2 : 1;
    this.#compression = compression;
  }

  /**
   * A result that nobody asked for is dropped, as in Celery, and so is one whose queue is gone: whoever asked is gone too.
   * @throws BrokerError, EncodeError
   */
  async send(record: ResultRecord, options?: CallOptions): Promise<void> {
    const { replyTo, taskId, correlationId = taskId } = record;
    if (replyTo === undefined || replyTo === "") {
      options?.signal?.throwIfAborted();
      return;
    }
    checkShort(replyTo, "The property replyTo");
    const message = {
      ...this.#bodyOf(record),
      contentType: "application/json",
      contentEncoding: "utf-8",
      properties: { correlation_id: correlationId, delivery_mode: this.#deliveryMode, priority: 0 },
    };
    const isMandatory = false;
    await this.#publisher.publish(
      { exchange: "", routingKey: replyTo, encoded: encodeMessage(message, isMandatory) },
      options,
    );
  }

  /** Compressed as kombu compresses messages, which every reader undoes by the header. PROTOCOL 4.7. */
  #bodyOf(record: ResultRecord): Pick<Message, "body" | "headers"> {
    const body = Buffer.from(encodeResultMessage(record));
    const compression = this.#compression;
    const compressed = compression === undefined ? undefined : compressWhenWorthwhile(compression, body);
    if (compression === undefined || compressed === undefined) return { body, headers: {} };
    return { body: compressed, headers: { compression: compression.header } };
  }

  /** Lets what is on its way be confirmed. */
  close(): Promise<void> {
    return this.#publisher.close();
  }
}
