import type { ControlRequest } from "@celeriac/core";
import { decodeControlReply, encodeControlRequest } from "@celeriac/core";
import { asyncPool } from "../../src/pool/async/index.js";
import type { Worker } from "../../src/worker.js";
import { settle } from "./fake-clock.js";
import type { Stage } from "./stage.js";

export const NODE = "w1@test";
export const REPLIES = {
  name: "oid.reply.celery.pidbox",
  exchange: { name: "reply.celery.pidbox", type: "direct" as const },
};

/** Starts a worker that listens, and asks it as Celery's client does. */
export async function listening(stage: Stage, slots = 4): Promise<{ worker: Worker; ask: Ask }> {
  const { fanout } = stage.broker;
  if (fanout === undefined) throw new Error("no fanout");
  await stage.broker.queues.declare({ ...REPLIES, routingKey: "oid" });
  const replies: unknown[] = [];
  const consumer = await stage.broker.consume({
    queues: [{ ...REPLIES, routingKey: "oid" }],
    prefetch: Number.POSITIVE_INFINITY,
    noAck: true,
  });
  void (async () => {
    for await (const batch of consumer) {
      for (const { message } of batch) {
        if (message !== undefined) replies.push(decodeControlReply(message).replies.get(NODE));
      }
    }
  })();
  const pool = asyncPool({ concurrency: slots });
  const worker = await stage.work({ remoteControl: true, hostname: NODE, pool });
  await settle();
  const ask: Ask = async (method, args = {}, changes = {}) => {
    const request: ControlRequest = {
      method,
      arguments: args,
      destination: null,
      pattern: null,
      matcher: null,
      ticket: "ticket",
      replyTo: { exchange: "reply.celery.pidbox", routingKey: "oid" },
      ...changes,
    };
    await fanout.broadcast(encodeControlRequest(request, { clock: 1, expires: 0 }), "celery.pidbox", "");
    await settle();
    return replies.splice(0);
  };
  return { worker, ask };
}

export type Ask = (
  method: string,
  args?: Readonly<Record<string, unknown>>,
  changes?: Partial<ControlRequest>,
) => Promise<readonly unknown[]>;
