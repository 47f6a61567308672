/**
 * Says what an error of a channel means to a caller. `@see` AMQP 0-9-1 reply codes.
 * @module
 */
import { BrokerError, CeleriacError } from "@celeriac/core/errors";

/** The reply code with which the server closed a channel, or `undefined` when it was the connection that went. */
export function replyCode(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}

/**
 * Requests that were asked for together on one channel. When the server refuses one it ends them all: the error is the one
 * that says why.
 */
export async function together<T extends readonly (Promise<unknown> | undefined)[]>(
  requests: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(requests);
  const failures = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
  if (failures.length > 0) throw failures.find((failure) => replyCode(failure) !== undefined) ?? failures[0];
  return Promise.all(requests);
}

/** @param doing - What failed, for the message: `declaring queue "celery"`. */
export function channelFailure(error: unknown, doing: string): CeleriacError {
  if (error instanceof CeleriacError) return error;
  const code = replyCode(error);
  const said = error instanceof Error ? saidBy(error) : String(error);
  switch (code) {
    case 403:
      return new BrokerError(`RabbitMQ does not allow ${doing}: ${said}. Give the user the permission it lacks.`, {
        code: "BROKER_AUTH",
        cause: error,
      });
    case 405:
      return new BrokerError(`RabbitMQ refused ${doing}: ${said}. Another connection has it for itself.`, {
        code: "BROKER_REFUSED",
        retryable: true,
        cause: error,
      });
    case 406:
      return new BrokerError(`RabbitMQ refused ${doing}: ${explainPrecondition(said)}`, {
        code: "BROKER_REFUSED",
        cause: error,
      });
    case undefined:
      if (said === NO_CHANNEL) return noChannel(error, doing);
      return new BrokerError(`The connection to RabbitMQ was lost while ${doing}.`, {
        code: "BROKER_UNAVAILABLE",
        retryable: true,
        cause: error,
      });
    default:
      return new BrokerError(`RabbitMQ refused ${doing}: ${said}.`, { code: "BROKER_REFUSED", cause: error });
  }
}

/** What amqplib says when all are taken. */
const NO_CHANNEL = "No channels left to allocate";

function noChannel(cause: unknown, doing: string): BrokerError {
  const text = `The connection to RabbitMQ has no channel left for ${doing}: each consumer takes one. Consume with fewer, or raise channel_max.`;
  return new BrokerError(text, { code: "BROKER_REFUSED", retryable: true, cause });
}

/** What the server wrote, out of amqplib's `Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "..."`. */
function saidBy(error: Error): string {
  const message = /with message "(?:[A-Z_]+ - )?(.*)"$/s.exec(error.message)?.[1] ?? error.message;
  return message.replace(/\.$/, "");
}

const INEQUIVALENT =
  /inequivalent arg '(?<argument>[^']+)' for (?<kind>queue|exchange) '(?<name>.*)' in vhost '(?<vhost>.*)': received (?<wanted>.+) but current is (?<found>.+)$/s;

/** Says which argument differs, and the two ways out. */
export function explainPrecondition(said: string): string {
  const groups = INEQUIVALENT.exec(said)?.groups;
  if (groups === undefined) return `${said}.`;
  const { argument = "", kind = "", name = "", vhost = "", wanted = "", found = "" } = groups;
  const remove =
    kind === "queue"
      ? `once it is empty, delete it: rabbitmqctl -p ${vhost} delete_queue ${name} --if-empty`
      : "delete the exchange and have it declared anew";
  return (
    `the ${kind} "${name}" exists with another ${argument}: it has ${plain(found)}, this program asks for ${plain(wanted)}. ` +
    `Either ask for what is there (${settingOf(argument, kind, name)}), or ${remove}.`
  );
}

/** Where the argument comes from on our side: those of delayed delivery have a setting of their own. */
function settingOf(argument: string, kind: string, name: string): string {
  if (argument === "x-queue-type" && /celery_delayed_\d+$/.test(name)) {
    return "delayedDeliveryQueueType, broker_native_delayed_delivery_queue_type";
  }
  return SETTINGS[argument] ?? `\`${argument}\` of the ${kind}`;
}

const SETTINGS: Readonly<Record<string, string>> = {
  "x-max-priority": "`maxPriority` of the queue, task_queue_max_priority",
  "x-queue-type": "task_default_queue_type, task_create_missing_queue_type, or `arguments` of the queue",
  "x-expires": "`expires` of the queue",
  "x-message-ttl": "`messageTtl` of the queue",
  durable: "`durable`",
  auto_delete: "`autoDelete`",
  exclusive: "`exclusive`",
  type: "`type` of the exchange, task_default_exchange_type",
};

/** `the value '10' of type 'signedint'` becomes `10`. */
function plain(value: string): string {
  return /^the value '(.*)' of type '.*'$/s.exec(value)?.[1] ?? value.replace(/^'(.*)'$/s, "$1");
}
