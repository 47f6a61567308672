import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { BrokerError } from "@celeriac/core/errors";
import type { Route } from "@celeriac/core/ports";
import { encodeEnvelope, type Message } from "@celeriac/core/protocol";
import { targetsOf } from "../exchange/binding-entry.js";
import { checkQueueName, createMessageName } from "../folder/message-name.js";
import { type StagedFile, stageFile } from "../folder/write-file.js";
import type { Session } from "../session.js";

/** A message written, but not in its queues yet. */
export interface StagedMessage {
  /** Puts it into its queues. */
  place(): Promise<void>;
}

/**
 * Finds the queues of a message and writes one file for each.
 * @throws BrokerError `UNROUTABLE`; EncodeError when headers or properties have no JSON form
 */
export async function stageMessage(session: Session, message: Message, route: Route): Promise<StagedMessage> {
  const targets = await targetsFor(session, route);
  return stageFor(session, message, route, targets);
}

/** Writes one file per queue. */
export async function stageFor(
  session: Session,
  message: Message,
  route: Route,
  queues: readonly string[],
): Promise<StagedMessage> {
  const { exchange, routingKey } = route;
  const { outFolder, inFolder, fsync } = session.settings;
  for (const queue of queues) checkQueueName(queue);
  const raw = encodeEnvelope(message, { exchange, routingKey, deliveryTag: randomUUID() });
  const staged: StagedFile[] = [];
  try {
    while (staged.length < queues.length) staged.push(await stageFile(session.own.tmp, raw, fsync));
  } catch (error) {
    await Promise.allSettled(staged.map((file) => file.discard()));
    throw error;
  }
  return {
    async place() {
      for (const [index, file] of staged.entries()) {
        // Named only now: the name is the place in the queue, and whoever is placed later stands behind.
        const name = createMessageName(queues[index] ?? "");
        await file.place(join(outFolder, name));
        if (outFolder === inFolder) session.feed.noticed(name);
      }
    },
  };
}

async function targetsFor(session: Session, route: Route): Promise<readonly string[]> {
  const { exchange, routingKey, exchangeType = "direct" } = route;
  if (exchange === "") return [routingKey];
  const targets = targetsOf(await session.tables.read(exchange), exchangeType, routingKey);
  if (targets.length > 0 || exchangeType === "fanout") return targets;
  const message = `No queue is bound to exchange "${exchange}" for routing key "${routingKey}".`;
  throw new BrokerError(`${message} Declare it, or pass it as the queue of the route.`, { code: "UNROUTABLE" });
}
