/**
 * Answers remote control. Whatever arrives is a request from somebody who can write to the broker: it is checked, its
 * failures become error replies, and nothing of it can stop a task (G22).
 * @module
 */
import type { App, ControlRequest, Fanout, Logger, Message, Queue } from "@celeriac/core";
import {
  decodeControlRequest,
  encodeControlReply,
  exponentialBackoff,
  isRetryable,
  matchesNode,
  pythonRepr,
  startLoop,
  withDeadline,
} from "@celeriac/core";
import { controlHandlers } from "./handlers.js";
import type { WorkerView } from "./worker-view.js";

/** Longer than an adapter's own deadline. */
const LISTEN_TIMEOUT_MS = 30_000;

/** Starts listening, in the background: remote control is no reason for a worker to wait. */
export function startControlListener(app: App, view: WorkerView, log: Logger): AsyncDisposable {
  const { fanout } = app.broker;
  if (fanout === undefined) return { [Symbol.asyncDispose]: async () => undefined };
  return new ControlListener(app, fanout, view, log);
}

class ControlListener implements AsyncDisposable {
  readonly #app: App;
  readonly #view: WorkerView;
  readonly #log: Logger;
  readonly #opening: AsyncDisposable;
  #subscription: AsyncDisposable | undefined;

  constructor(app: App, fanout: Fanout, view: WorkerView, log: Logger) {
    this.#app = app;
    this.#view = view;
    this.#log = log;
    const queue = controlQueue(app, view.hostname);
    this.#opening = startLoop({
      step: async (signal) => {
        this.#subscription ??= await this.#listen(fanout, queue, signal);
      },
      intervalMs: 60_000, // subscribed: the adapter keeps it alive from here on
      backoff: exponentialBackoff({ baseMs: 500, maxMs: 30_000 }),
      clock: app.clock,
      onError: (error, failures) => {
        if (failures > 1) return;
        const level = isRetryable(error) ? "debug" : "warn"; // a broker that is away was reported by who consumes
        log[level]({ error: String(error) }, "remote control is not listening yet");
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opening[Symbol.asyncDispose]();
    await this.#subscription?.[Symbol.asyncDispose]();
  }

  /** Does not keep a shutdown waiting for a broker that is away. */
  async #listen(fanout: Fanout, queue: Queue, signal: AbortSignal): Promise<AsyncDisposable> {
    const listening = fanout.listen(queue, (message) => this.#receive(message));
    const late = (): Error => new Error(`no answer within ${LISTEN_TIMEOUT_MS} ms`);
    try {
      return await withDeadline(listening, { timeoutMs: LISTEN_TIMEOUT_MS, signal }, late);
    } catch (error) {
      listening.then((subscription) => subscription[Symbol.asyncDispose]()).catch(() => undefined); // comes too late
      throw error;
    }
  }

  #receive(message: Message): void {
    const namespace = this.#app.settings.controlExchange;
    try {
      const request = decodeControlRequest(message, { namespace });
      this.#view.clock.adjust(request.clock);
      if (!matchesNode(request, this.#view.hostname)) return;
      const reply = this.#answer(request);
      if (reply !== undefined) void this.#send(request, reply, namespace);
    } catch (error) {
      this.#log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        "a control message was ignored",
      );
    }
  }

  #answer(request: ControlRequest): unknown {
    const handler = controlHandlers.get(request.method);
    if (handler === undefined) return { error: `KeyError(${pythonRepr(request.method)})` };
    try {
      return handler(this.#view, request.arguments);
    } catch (error) {
      this.#log.error({ method: request.method, error: String(error) }, "a control command failed");
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #send(request: ControlRequest, reply: unknown, namespace: string): Promise<void> {
    const { ticket, replyTo } = request;
    if (ticket === undefined || replyTo === undefined) return;
    try {
      const clock = this.#view.clock.forward();
      const message = encodeControlReply(this.#view.hostname, reply, { ticket, clock }, { namespace });
      await this.#app.broker.publish(message, {
        exchange: replyTo.exchange,
        routingKey: replyTo.routingKey,
        exchangeType: "direct",
      });
    } catch (error) {
      this.#log.debug({ method: request.method, error: String(error) }, "a control reply found nobody waiting");
    }
  }
}

/** `<node>.celery.pidbox`, bound to the fanout exchange. @see PROTOCOL 6.1. */
function controlQueue(app: App, hostname: string): Queue {
  const exchange = `${app.settings.controlExchange}.pidbox`;
  return {
    name: `${hostname}.${exchange}`,
    exchange: { name: exchange, type: "fanout", durable: false },
    routingKey: "",
    durable: false,
    autoDelete: true,
    expiresMs: app.settings.controlQueueExpires * 1000,
    messageTtlMs: app.settings.controlQueueTtl * 1000,
  };
}
