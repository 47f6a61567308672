/**
 * What became of the messages that were on their way when their channel ended. The server handles a channel's messages in
 * their order and closes it at the one it refuses: that one is to blame, the ones before it were taken without our having
 * heard, and the ones behind it were never looked at.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { replyCode } from "../connection/channel-failure.js";

/** A message on its way, as far as the server can refuse it. */
export interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly size: number;
}

export type Fate =
  /** Nobody knows whether it is stored. */
  | { readonly kind: "in-doubt"; readonly error: BrokerError }
  /** The server refused this very message. */
  | { readonly kind: "refused"; readonly error: BrokerError }
  /** The server never looked at it: it can be sent again. */
  | { readonly kind: "unseen" };

/**
 * @param sent - In the order in which they were written.
 * @param reason - What the server said when it closed the channel; `undefined` when the connection was lost.
 */
export function planFates(sent: readonly Sent[], reason: Error | undefined): readonly Fate[] {
  const inDoubt: Fate = { kind: "in-doubt", error: unconfirmed(reason) };
  const culprit = reason === undefined ? undefined : findCulprit(sent, reason);
  if (culprit === undefined) return sent.map(() => inDoubt);
  return sent.map((_message, index) => {
    if (index < culprit.index) return inDoubt;
    return index === culprit.index ? { kind: "refused", error: culprit.error } : { kind: "unseen" };
  });
}

function unconfirmed(cause: Error | undefined): BrokerError {
  return new BrokerError(
    "The connection to RabbitMQ was lost before it confirmed the message: it may or may not be stored. Send it again with the same id.",
    { code: "PUBLISH_UNCONFIRMED", retryable: true, cause },
  );
}

function findCulprit(
  sent: readonly Sent[],
  reason: Error,
): { readonly index: number; readonly error: BrokerError } | undefined {
  const said = reason.message;
  const code = replyCode(reason);
  const exchange = /exchange '(.*?)' in vhost/s.exec(said)?.[1];
  const size = /message size (\d+) (?:is larger|larger) than (?:configured max size|max size) (\d+)/.exec(said);
  if (code === 404 && exchange !== undefined) {
    const index = sent.findIndex((message) => message.exchange === exchange);
    return index === -1 ? undefined : { index, error: noExchange(exchange, reason) };
  }
  if (code === 403 && exchange !== undefined) {
    const name = exchange === "amq.default" ? "" : exchange;
    const index = sent.findIndex((message) => message.exchange === name);
    const text = `RabbitMQ does not allow this user to publish to exchange "${exchange}". Give it the write permission.`;
    return index === -1 ? undefined : { index, error: new BrokerError(text, { code: "BROKER_AUTH", cause: reason }) };
  }
  if (code === 406 && size !== null) {
    const [, bytes = "", limit = ""] = size;
    const index = sent.findIndex((message) => message.size === Number(bytes));
    return index === -1 ? undefined : { index, error: tooLarge(bytes, limit, reason) };
  }
  return undefined;
}

/** @param cause - What the server said, when it was asked. */
export function noExchange(exchange: string, cause?: Error): BrokerError {
  const text = `There is no exchange "${exchange}", so no queue can be bound to it. Declare it with its queue first, or send to the anonymous exchange "".`;
  return new BrokerError(text, { code: "UNROUTABLE", cause });
}

function tooLarge(bytes: string, limit: string, cause: Error): BrokerError {
  const text = `The message is ${bytes} bytes large; RabbitMQ takes ${limit} at most. Send a reference to the data, or raise max_message_size.`;
  return new BrokerError(text, { code: "BROKER_REFUSED", cause });
}
