import { randomUUID } from "node:crypto";

/** What differs between the messages of a measurement. */
export interface FloorTask {
  readonly task: string;
  readonly id: string;
  readonly args: readonly unknown[];
  readonly group?: string;
  readonly groupIndex?: number;
  /** A chord's body, in the messages of its header. */
  readonly chord?: unknown;
}

/** The message of a no-op task with an id of its own. */
export function buildEnvelope(queue: string, args: readonly unknown[]): string {
  return buildMessage(queue, { task: "bench.noop", id: randomUUID(), args });
}

/** The message a hand-written loop would send: all that a Celery worker needs, built as one would by hand. */
export function buildMessage(queue: string, { task, id, args, group, groupIndex, chord = null }: FloorTask): string {
  const body = Buffer.from(
    JSON.stringify([args, {}, { callbacks: null, errbacks: null, chain: null, chord }]),
  ).toString("base64");
  return JSON.stringify({
    body,
    "content-encoding": "utf-8",
    "content-type": "application/json",
    headers: {
      lang: "js",
      task,
      id,
      shadow: null,
      eta: null,
      expires: null,
      group: group ?? null,
      group_index: groupIndex ?? null,
      retries: 0,
      timelimit: [null, null],
      root_id: id,
      parent_id: null,
      argsrepr: "(1,)",
      kwargsrepr: "{}",
      origin: "gen1@bench",
      ignore_result: false,
      replaced_task_nesting: 0,
      stamped_headers: null,
      stamps: {},
    },
    properties: {
      correlation_id: id,
      reply_to: "bench",
      delivery_mode: 2,
      delivery_info: { exchange: "", routing_key: queue },
      priority: 0,
      body_encoding: "base64",
      delivery_tag: id,
    },
  });
}

/** What a worker needs of a message, read as one would by hand. */
export function readEnvelope(text: string): { readonly id: string; readonly args: readonly unknown[] } {
  const envelope = JSON.parse(text) as { headers: { id: string }; body: string }; // our own message
  const [args] = JSON.parse(Buffer.from(envelope.body, "base64").toString("utf8")) as [unknown[]]; // our own body
  return { id: envelope.headers.id, args };
}

/** The result document of a no-op task. */
export function buildResult(id: string, value: unknown): string {
  return JSON.stringify({
    status: "SUCCESS",
    result: value,
    traceback: null,
    children: [],
    date_done: new Date().toISOString(),
    task_id: id,
  });
}
