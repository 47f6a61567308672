import { randomUUID } from "node:crypto";
import type { App, ControlRequest, Fanout } from "@celeriac/core";
import { encodeControlRequest } from "@celeriac/core";
import { ControlError } from "./control-error.js";
import { openReplies } from "./replies.js";

/** Whom a request is for, and how long to listen for answers. */
export interface BroadcastOptions {
  /** Node names. Default: every node. */
  readonly destination?: readonly string[];
  /** Choice by node name, when there is no destination. */
  readonly pattern?: string;
  /** How `pattern` is read. Default `glob`. */
  readonly matcher?: "glob" | "pcre";
  /** Seconds to wait for replies. Default 1. */
  readonly timeout?: number;
  /** Whether replies are wanted. Default true; without them the call resolves as soon as the request is sent. */
  readonly reply?: boolean;
  /** Replies after which to stop waiting. Default: as many as there are destinations, else no limit. */
  readonly limit?: number;
  /** Stops waiting; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a broadcast needs of its app. */
export type ControlApp = Pick<App, "broker" | "settings" | "logger" | "clock">;

/** Reads and advances the logical clock that requests and replies carry. */
export interface LogicalClock {
  next(): number;
  observe(value: number): void;
}

const DEFAULT_TIMEOUT_SECONDS = 1;

/**
 * Sends a request to nodes and collects what they answer, by node name.
 * @throws ControlError, BrokerError, EncodeError for arguments without a form on the wire.
 * @see PROTOCOL section 10; celery/app/control.py `Control.broadcast`.
 */
export async function broadcast(
  app: ControlApp,
  clock: LogicalClock,
  method: string,
  args: Readonly<Record<string, unknown>>,
  options: BroadcastOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const fanout = fanoutOf(app);
  const request = requestOf(method, args, options);
  if (options.reply === false) {
    await send(app, fanout, request, { clock: clock.next(), expires: 0 }, options.signal);
    return new Map();
  }
  const timeoutMs = 1000 * (options.timeout ?? DEFAULT_TIMEOUT_SECONDS);
  const ticket = randomUUID();
  // The queue must be bound before the request goes out: a node finds it through the binding only.
  await using replies = await openReplies(app, { ticket, clock });
  const expires = (app.clock.now() + timeoutMs) / 1000;
  const stamp = { clock: clock.next(), expires };
  await send(app, fanout, { ...request, ticket, replyTo: replies.address }, stamp, options.signal);
  // Awaited here: the queue must outlive the wait.
  return await replies.collect({ timeoutMs, limit: limitOf(options), signal: options.signal });
}

function fanoutOf(app: ControlApp): Fanout {
  const { fanout, description } = app.broker;
  if (fanout !== undefined) return fanout;
  throw new ControlError(
    `The broker "${description.transport}" cannot reach all workers at once, so remote control does not work over it. Redis and the memory broker can.`,
    { code: "CONTROL_UNSUPPORTED" },
  );
}

function requestOf(method: string, args: Readonly<Record<string, unknown>>, options: BroadcastOptions): ControlRequest {
  const { destination, pattern, matcher } = options;
  if (pattern === undefined && matcher !== undefined) {
    throw new ControlError(`matcher "${matcher}" was given without a pattern.`, { code: "CONTROL_OPTIONS" });
  }
  if (pattern !== undefined && destination !== undefined) {
    throw new ControlError("destination and pattern were both given; nodes look at the destination only. Keep one.", {
      code: "CONTROL_OPTIONS",
    });
  }
  return {
    method,
    arguments: args,
    destination: destination ?? null,
    pattern: pattern ?? null,
    matcher: pattern === undefined ? null : (matcher ?? "glob"),
  };
}

/** Two workers may share a node name, and both answer; the limit still ends the wait once every name could have. */
function limitOf({ limit, destination }: BroadcastOptions): number {
  return (
    limit ?? (destination === undefined || destination.length === 0 ? Number.POSITIVE_INFINITY : destination.length)
  );
}

async function send(
  app: ControlApp,
  fanout: Fanout,
  request: ControlRequest,
  stamp: { readonly clock: number; readonly expires: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const namespace = app.settings.controlExchange;
  const message = encodeControlRequest(request, stamp, { namespace });
  await fanout.broadcast(message, `${namespace}.pidbox`, "", {
    timeoutMs: 1000 * app.settings.publishTimeout,
    ...(signal === undefined ? {} : { signal }),
  });
}
