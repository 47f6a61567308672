/** What the tests of taking in one step share: idle consumers, and a look at what is where. */
import { spawnSync } from "node:child_process";
import type { Broker, Consumer, ReadableDelivery } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { eventually, queueOf } from "./broker-lab.js";

/** The lists of a queue, in the order of service. */
export function listsOf(queue: string): readonly string[] {
  return [queue, `${queue}\x06\x163`, `${queue}\x06\x166`, `${queue}\x06\x169`];
}

/** Opens a consumer that takes what `takes` allows, and a reader that waits for its first message. */
export async function openTaking(
  broker: Broker,
  takes: (delivery: ReadableDelivery) => boolean = () => true,
  options: { readonly queues?: readonly string[]; readonly prefetch?: number } = {},
): Promise<Consumer> {
  const { queues = ["q"], prefetch = 10 } = options;
  return broker.consume({ queues: queues.map(queueOf), prefetch, takes });
}

/** Resolves when this many lists are waited on: every consumer has found nothing and blocks. */
export async function untilIdle(raw: Redis, lists = 4): Promise<void> {
  const blocked = /flags=\w*b\w* .*cmd=blmove/g; // the command alone is also that of a connection that has had its answer
  await eventually(async () => String(await raw.client("LIST")).match(blocked)?.length === lists);
}

/** Has the server execute a command before this event loop takes another turn. */
export function commandNow(port: number, ...args: readonly string[]): void {
  const request = `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join("")}`;
  const script = `const s = require("node:net").connect(${port}, "127.0.0.1"); s.write(process.argv[1]); s.once("data", () => s.destroy());`;
  spawnSync(process.execPath, ["-e", script, request]);
}

/** What the server has of queue `q`: waiting messages as ids with `!` when redelivered, next one first; and how many are held. */
export async function contents(raw: Redis): Promise<{ readonly waiting: readonly string[]; readonly held: number }> {
  const lists = await Promise.all(listsOf("q").map((list) => raw.lrange(list, 0, -1)));
  const waiting = lists.flatMap((texts) => texts.toReversed().map(labelOf));
  return { waiting, held: await raw.hlen("unacked") };
}

function labelOf(text: string): string {
  const { headers } = JSON.parse(text) as { headers: { id: string; redelivered?: boolean } }; // our own messages
  return headers.redelivered === true ? `${headers.id}!` : headers.id;
}
