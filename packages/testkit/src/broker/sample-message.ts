import type { Queue, Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";

/** Changes to the plain sample message. */
export interface SampleOptions {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly priority?: number;
}

/** A small JSON message whose body is the text. */
export function sampleMessage(text: string, options: SampleOptions = {}): Message {
  return {
    body: new TextEncoder().encode(JSON.stringify(text)),
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers: { id: text, task: "contract.sample", ...options.headers },
    properties: {
      correlation_id: text,
      delivery_mode: 2,
      ...(options.priority === undefined ? {} : { priority: options.priority }),
    },
  };
}

/** What `sampleMessage` was given. */
export function textOf(message: Message): string {
  return String(JSON.parse(new TextDecoder().decode(message.body)));
}

/** A queue named like its exchange and key, as Celery makes them for unknown names. */
export function plainQueue(name: string): Queue {
  return { name, exchange: { name, type: "direct" }, routingKey: name };
}

/** Straight to a queue, by the anonymous exchange. */
export function routeTo(queue: string): Route {
  return { exchange: "", routingKey: queue, queue: plainQueue(queue) };
}
