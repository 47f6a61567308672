import type { Broker, Consumer } from "@celeriac/core/ports";
import { type BrokenBroker, deliveriesChanged, replaced, subscriptionChanged } from "./broken-broker.js";

/** Longer than silence is waited for, shorter than any `redeliveryMs`. */
const LEASE_MS = 100;

/**
 * Brokers that do not settle, on a transport with leases: what a closed one held comes back after a while, when whoever
 * waited for a moment of silence has gone home.
 */
export const leaseFaults: readonly BrokenBroker[] = [
  {
    fault: "acks without removing, and gives back late",
    noticedBy: "an acked message never comes back",
    wrap: leased(deliveriesChanged(() => ({ ack: async () => undefined }))),
  },
  {
    fault: "acks without removing, and gives back late",
    noticedBy: "acks of one tick all take effect",
    wrap: leased(deliveriesChanged(() => ({ ack: async () => undefined }))),
  },
  {
    fault: "acks without removing, and gives back late",
    noticedBy: "a promoted message can be settled like any other",
    wrap: leased(deliveriesChanged(() => ({ ack: async () => undefined }))),
  },
  {
    fault: "keeps malformed messages that are acked, and gives back late",
    noticedBy: "a malformed message that is acked is gone",
    wrap: leased(
      deliveriesChanged((delivery) => (delivery.malformed === undefined ? {} : { ack: async () => undefined })),
    ),
  },
  {
    fault: "keeps what was taken with noAck, and gives back late",
    noticedBy: "with noAck messages are settled on arrival",
    wrap: leased(
      subscriptionChanged(({ noAck, ...subscription }) =>
        noAck === true ? { ...subscription, prefetch: Number.POSITIVE_INFINITY } : subscription,
      ),
    ),
  },
];

/** A broker with the fault that, when it is closed, stops consuming at once and lets go of what it holds later. */
function leased(wrap: BrokenBroker["wrap"]): BrokenBroker["wrap"] {
  return (broker, notes) => {
    const faulty = wrap(broker, notes);
    const consumers: Consumer[] = [];
    const consume: Broker["consume"] = async (...call) => {
      const consumer = await faulty.consume(...call);
      consumers.push(consumer);
      return consumer;
    };
    return replaced(faulty, {
      consume,
      async [Symbol.asyncDispose]() {
        await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
        setTimeout(() => faulty[Symbol.asyncDispose]().then(undefined, () => undefined), LEASE_MS);
      },
    });
  };
}
