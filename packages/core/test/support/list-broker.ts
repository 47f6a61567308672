import type { Broker, Route } from "../../src/ports/index.js";
import type { Message } from "../../src/protocol/index.js";

/** A broker that only takes messages, and keeps them in a list. */
export interface ListBroker extends Broker {
  readonly sent: { readonly message: Message; readonly route: Route }[];
}

/** @param publish - May refuse or wait; the message is listed when it resolves. */
export function listBroker(publish: () => Promise<void> = async () => undefined): ListBroker {
  const sent: ListBroker["sent"] = [];
  const refuse = async (): Promise<never> => {
    throw new Error("a list takes messages only");
  };
  return {
    sent,
    description: { transport: "list", hostname: "localhost", virtualHost: "/" },
    async publish(message, route) {
      await publish();
      sent.push({ message, route });
    },
    publishMany: refuse,
    consume: refuse,
    queues: { declare: refuse, length: refuse, purge: refuse, delete: refuse },
    deadLetters: { add: refuse, list: refuse, count: refuse, remove: refuse },
    async [Symbol.asyncDispose]() {},
  };
}
