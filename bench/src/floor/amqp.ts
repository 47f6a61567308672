/**
 * What a careful author would write over amqplib: a confirm channel with a hundred messages on their way, and a consumer
 * with a prefetch that acknowledges each message when it is done.
 * @module
 */
import { randomUUID } from "node:crypto";
import { type ConfirmChannel, connect } from "amqplib";

/** Beside the headers, what a Celery worker needs of a message's properties. */
const PROPERTIES = { contentType: "application/json", contentEncoding: "utf-8", persistent: true, mandatory: true };

/** Publishes with confirms; durable queue, persistent messages. */
export async function publishInFlight(url: string, queue: string, count: number, inFlight: number): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await publish(channel, queue, next);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await connection.close();
}

function publish(channel: ConfirmChannel, queue: string, value: number): Promise<void> {
  const id = randomUUID();
  const body = JSON.stringify([[value], {}, { callbacks: null, errbacks: null, chain: null, chord: null }]);
  const options = { ...PROPERTIES, correlationId: id, replyTo: "bench", headers: headersOf(id) };
  return new Promise((resolve, reject) => {
    channel.publish("", queue, Buffer.from(body), options, (error) => (error === null ? resolve() : reject(error)));
  });
}

function headersOf(id: string): Readonly<Record<string, unknown>> {
  return {
    lang: "js",
    task: "bench.noop",
    id,
    shadow: null,
    eta: null,
    expires: null,
    group: null,
    group_index: null,
    retries: 0,
    timelimit: [null, null],
    root_id: id,
    parent_id: null,
    argsrepr: "(1,)",
    kwargsrepr: "{}",
    origin: "gen1@bench",
    ignore_result: true,
    replaced_task_nesting: 0,
    stamped_headers: null,
    stamps: {},
  };
}

/** Consumes and acknowledges `count` messages; resolves when the server has heard of all acks. */
export async function drainAcking(
  url: string,
  queue: string,
  count: number,
  prefetch: number,
  run: (args: readonly unknown[]) => Promise<unknown>,
): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch);
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const onMessage = async (content: Buffer, ack: () => void): Promise<void> => {
      const [args] = JSON.parse(content.toString("utf8")) as [unknown[]]; // our own message
      await run(args);
      ack();
      done += 1;
      if (done === count) resolve();
    };
    const consuming = channel.consume(queue, (message) => {
      if (message !== null) onMessage(message.content, () => channel.ack(message)).catch(reject);
    });
    consuming.catch(reject);
  });
  await channel.close(); // behind the acks, which a connection that closes would overtake
  await connection.close();
}

/** How many messages wait. */
export async function depthOf(url: string, queue: string): Promise<number> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

/** Removes a queue with what is in it. */
export async function removeQueue(url: string, queue: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(queue);
  await connection.close();
}
