import type { Delivery } from "@celeriac/core/ports";
import { type BrokenBroker, batchesChanged, deliveriesChanged, subscriptionChanged } from "./broken-broker.js";

const takenChanged = (change: (delivery: Delivery) => Partial<Delivery>): BrokenBroker["wrap"] =>
  deliveriesChanged((delivery) => (delivery.isTaken === true ? change(delivery) : {}));
const NO_MESSAGE = {
  malformed: undefined,
  message: { body: new Uint8Array(), contentType: "", contentEncoding: "", headers: {}, properties: {} },
};

/** Brokers that take messages in another way than `Subscription.takes` says. */
export const takeFaults: readonly BrokenBroker[] = [
  {
    fault: "takes what takes refuses",
    noticedBy: "a message that takes refuses is held like any other",
    needs: ["takes"],
    wrap: subscriptionChanged(({ takes, ...subscription }) =>
      takes === undefined ? subscription : { ...subscription, takes: (delivery) => takes(delivery) || true },
    ),
  },
  {
    fault: "drops what it takes",
    noticedBy: "with takes every message is still handed out once, in order",
    needs: ["takes"],
    wrap: batchesChanged(() => (batch) => batch.filter((delivery) => delivery.isTaken !== true)),
  },
  {
    fault: "asks about messages that it cannot read",
    noticedBy: "nobody is asked about a message that cannot be read",
    wrap: batchesChanged(({ takes }) => (batch) => {
      // As a broker that does not look: whoever is asked would read a message that is not there.
      for (const delivery of batch) if (delivery.malformed) takes?.({ ...delivery, ...NO_MESSAGE });
      return batch;
    }),
  },
  {
    fault: "asks about one delivery and hands out another",
    noticedBy: "a taken message is the delivery that was asked about, and is gone from the broker",
    wrap: deliveriesChanged(() => ({})),
  },
  {
    fault: "refuses the ack of a taken message",
    noticedBy: "an ack of a taken message has nothing to do",
    wrap: takenChanged(() => ({ ack: () => Promise.reject(new Error("not held")) })),
  },
  {
    fault: "never takes",
    noticedBy: "a taken message takes no place in the window",
    wrap: subscriptionChanged(({ takes, ...subscription }) => subscription),
  },
  {
    fault: "forgets a taken message that is restored",
    noticedBy: "a taken message that is restored is in front of the waiting ones, flagged",
    wrap: takenChanged(() => ({ restore: async () => undefined })),
  },
  {
    fault: "requeues a taken message in front",
    noticedBy: "a taken message that is requeued is behind the waiting ones, flagged",
    wrap: takenChanged((delivery) => ({ reject: () => delivery.restore() })),
  },
];
