import type { Delivery } from "@celeriac/core/ports";
import { type BrokenBroker, backTo, batchesChanged, deliveriesChanged } from "./broken-broker.js";

/** Brokers whose deliveries are not what they should be, or are settled in another way. */
export const deliveryFaults: readonly BrokenBroker[] = [
  {
    fault: "serves the last message first",
    noticedBy: "delivers messages in the order they were published",
    wrap: batchesChanged(() => (batch) => [...batch].reverse()),
  },
  {
    fault: "serves the last message first",
    noticedBy: "keeps the order within a priority",
    wrap: batchesChanged(() => (batch) => [...batch].reverse()),
  },
  {
    fault: "delivers messages twice",
    noticedBy: "delivers a hundred concurrent publishes exactly once",
    wrap: batchesChanged(() => (batch) => [...batch, ...batch.slice(0, 1)]),
  },
  {
    fault: "delivers messages twice",
    noticedBy: "competing consumers get each message once",
    wrap: batchesChanged(() => (batch) => [...batch, ...batch.slice(0, 1)]),
  },
  {
    fault: "drops one message of a batch",
    noticedBy: "delivers the messages of publishMany in their order",
    wrap: batchesChanged(() => (batch) => (batch.length > 3 ? batch.slice(1) : batch)),
  },
  {
    fault: "acks without removing",
    noticedBy: "an acked message never comes back",
    wrap: deliveriesChanged(() => ({ ack: async () => undefined })),
  },
  {
    fault: "acks without removing",
    noticedBy: "a promoted message can be settled like any other",
    wrap: deliveriesChanged(() => ({ ack: async () => undefined })),
  },
  {
    fault: "acks only one delivery of a tick",
    noticedBy: "acks of one tick all take effect",
    wrap: (broker, notes) => {
      let isBusy = false;
      return deliveriesChanged((delivery) => ({
        ack: async () => {
          if (isBusy) return;
          isBusy = true;
          setImmediate(() => {
            isBusy = false;
          });
          await delivery.ack();
        },
      }))(broker, notes);
    },
  },
  {
    fault: "requeues in front",
    noticedBy: "reject with requeue puts the message behind the waiting ones",
    wrap: deliveriesChanged((delivery) => ({
      reject: ({ requeue }) => (requeue ? delivery.restore() : delivery.reject({ requeue })),
    })),
  },
  {
    fault: "restores behind",
    noticedBy: "restore puts the message in front of the waiting ones",
    wrap: deliveriesChanged((delivery) => ({ restore: () => delivery.reject({ requeue: true }) })),
  },
  {
    fault: "keeps rejected messages",
    noticedBy: "reject without requeue drops the message",
    wrap: deliveriesChanged((delivery) => ({ reject: () => delivery.reject({ requeue: true }) })),
  },
  {
    fault: "drops requeued messages",
    noticedBy: "a requeued message is flagged as redelivered",
    wrap: deliveriesChanged((delivery) => ({ reject: () => delivery.reject({ requeue: false }) })),
  },
  {
    fault: "never flags a redelivery",
    noticedBy: "a restored message is flagged as redelivered",
    wrap: deliveriesChanged(() => ({ redelivered: false })),
  },
  {
    fault: "flags everything as redelivered",
    noticedBy: "a message delivered for the first time is not flagged as redelivered",
    wrap: deliveriesChanged(() => ({ redelivered: true })),
  },
  {
    fault: "drops the headers of what it puts back",
    noticedBy: "a message put back is otherwise unchanged",
    wrap: deliveriesChanged((delivery, broker) => ({
      restore: async () => {
        await delivery.reject({ requeue: false });
        if (delivery.message) await broker.publish({ ...delivery.message, headers: {} }, backTo(delivery));
      },
    })),
  },
  {
    fault: "hands out first whatever was put back",
    noticedBy: "a restored message keeps its priority",
    wrap: (broker, notes) => {
      const putBack: Delivery[] = [];
      const keeping = deliveriesChanged((delivery) => ({
        restore: async () => {
          await delivery.reject({ requeue: false });
          putBack.push(delivery);
        },
      }));
      return batchesChanged(() => (batch) => [...putBack.splice(0), ...batch])(keeping(broker, notes), notes);
    },
  },
  {
    fault: "settles stale claims without a word",
    noticedBy: "every claim has a tag of its own, and a stale one settles nothing",
    wrap: deliveriesChanged((delivery) => ({ ack: () => delivery.ack().catch(() => undefined) })),
  },
  {
    fault: "has one tag for all",
    noticedBy: "deliveries held at once have different tags",
    wrap: deliveriesChanged(() => ({ deliveryTag: "the same" })),
  },
  {
    fault: "forgets the bytes",
    noticedBy: "a delivery names its queue and has its bytes",
    wrap: deliveriesChanged(() => ({ raw: () => new Uint8Array() })),
  },
  {
    fault: "gives back no room when a delivery is rejected",
    noticedBy: "hands out the next message once one is settled",
    wrap: deliveriesChanged(() => ({ reject: async () => undefined })),
  },
  {
    fault: "swallows malformed messages",
    noticedBy: "an unreadable message is delivered as malformed, with its bytes",
    wrap: batchesChanged(() => (batch) => batch.filter((delivery) => delivery.malformed === undefined)),
  },
  {
    fault: "keeps malformed messages that are acked",
    noticedBy: "a malformed message that is acked is gone",
    wrap: deliveriesChanged((delivery) => (delivery.malformed === undefined ? {} : { ack: async () => undefined })),
  },
  {
    fault: "fails when it sees a malformed message",
    noticedBy: "messages behind a malformed one are delivered",
    wrap: batchesChanged(() => (batch) => {
      if (batch.some((delivery) => delivery.malformed !== undefined)) throw new SyntaxError("This is no envelope.");
      return batch;
    }),
  },
  {
    fault: "fails when it sees a malformed message",
    noticedBy: "JSON that is no envelope is malformed, not a crash",
    wrap: batchesChanged(() => (batch) => {
      if (batch.some((delivery) => delivery.malformed !== undefined)) throw new SyntaxError("This is no envelope.");
      return batch;
    }),
  },
  {
    fault: "puts foreign bytes into good envelopes",
    noticedBy: "a malformed message that is restored comes back with the same bytes",
    wrap: deliveriesChanged((delivery, broker) => ({
      restore: async () => {
        await delivery.reject({ requeue: false });
        const content = { contentType: "", contentEncoding: "utf-8", headers: {}, properties: {} };
        await broker.publish(delivery.message ?? { body: delivery.raw(), ...content }, backTo(delivery));
      },
    })),
  },
];
