import type { Delivery, Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { type BrokenBroker, backTo, fanoutChanged, parkingChanged, replaced } from "./broken-broker.js";

/** Brokers whose fanout or parking does not do what it says. */
export const abilityFaults: readonly BrokenBroker[] = [
  {
    fault: "tells only those who listen here",
    noticedBy: "a broadcast reaches every listener, on this broker and on others",
    wrap: fanoutChanged(() => {
      const listeners = new Set<(message: Message, routingKey: string) => void>();
      return {
        broadcast: async (message, _exchange, routingKey) => {
          for (const onMessage of listeners) onMessage(message, routingKey);
        },
        listen: async (_queue, onMessage) => {
          listeners.add(onMessage);
          return { [Symbol.asyncDispose]: async () => void listeners.delete(onMessage) };
        },
      };
    }),
  },
  {
    fault: "tells everything twice",
    noticedBy: "broadcasts are heard once each, in order",
    wrap: fanoutChanged((fanout) => ({
      broadcast: async (...call) => {
        await fanout.broadcast(...call);
        await fanout.broadcast(...call);
      },
    })),
  },
  {
    fault: "forgets the routing key",
    noticedBy: "a broadcast arrives whole, with its routing key",
    wrap: fanoutChanged((fanout) => ({
      listen: (queue, onMessage) => fanout.listen(queue, (message) => onMessage(message, "")),
    })),
  },
  {
    fault: "fails when nobody listens",
    noticedBy: "a broadcast nobody listens to is no error",
    wrap: fanoutChanged(() => ({
      broadcast: () => Promise.reject(new Error("Nobody listens.")),
    })),
  },
  {
    fault: "keeps broadcasts for those who come later",
    noticedBy: "nothing is kept for a listener that comes later",
    wrap: fanoutChanged((fanout) => {
      const kept: Message[] = [];
      return {
        broadcast: (message, ...call) => {
          kept.push(message);
          return fanout.broadcast(message, ...call);
        },
        listen: (queue, onMessage) => {
          for (const message of kept) onMessage(message, "");
          return fanout.listen(queue, onMessage);
        },
      };
    }),
  },
  {
    fault: "goes on telling disposed listeners",
    noticedBy: "a disposed listener hears nothing more, and the others still do",
    wrap: fanoutChanged((fanout) => ({
      listen: async (...call) => {
        await fanout.listen(...call);
        return { [Symbol.asyncDispose]: async () => undefined };
      },
    })),
  },
  {
    fault: "tells everybody everything",
    noticedBy: "a binding key with * or # hears what matches it",
    wrap: fanoutChanged((fanout) => ({
      listen: (queue, onMessage) => fanout.listen({ ...queue, routingKey: "#" }, onMessage),
    })),
  },
  {
    fault: "stops hearing when a listener throws",
    noticedBy: "a listener that throws goes on hearing, and hurts nobody else",
    wrap: fanoutChanged((fanout) => ({
      listen: async (queue, onMessage) => {
        const listening = await fanout.listen(queue, (...heard) => {
          try {
            onMessage(...heard);
          } catch {
            void listening[Symbol.asyncDispose]();
          }
        });
        return listening;
      },
    })),
  },
  {
    fault: "has one exchange",
    noticedBy: "exchanges do not hear each other",
    wrap: fanoutChanged((fanout) => {
      const sameExchange = (queue: Queue): Queue => ({ ...queue, exchange: { ...queue.exchange, name: "all" } });
      return {
        broadcast: (message, _exchange, ...rest) => fanout.broadcast(message, "all", ...rest),
        listen: (queue, onMessage) => fanout.listen(sameExchange(queue), onMessage),
      };
    }),
  },
  {
    fault: "tells and hears after it was closed",
    noticedBy: "fanout on a closed broker is refused as BROKER_CLOSED",
    wrap: (broker) => replaced(broker, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "does not count what is parked",
    noticedBy: "parking a delivery settles it",
    wrap: parkingChanged(() => ({ count: async () => 0 })),
  },
  {
    fault: "promotes parked messages before they are due",
    noticedBy: "promoteDue puts back what is due and leaves the rest",
    wrap: parkingChanged((parking) => ({ park: (delivery) => parking.park(delivery, 0) })),
  },
  {
    fault: "parks in its memory, and promotes behind the waiting ones",
    noticedBy: "a promoted message is in front of the waiting ones, unchanged",
    wrap: parkingChanged((_parking, broker) => {
      const parked: Delivery[] = [];
      return {
        park: async (delivery) => {
          await delivery.reject({ requeue: false });
          parked.push(delivery);
        },
        count: async () => parked.length,
        promoteDue: async () => {
          const due = parked.splice(0);
          for (const delivery of due) if (delivery.message) await broker.publish(delivery.message, backTo(delivery));
          return due.length;
        },
      };
    }),
  },
  {
    fault: "parks in its memory, and promotes behind the waiting ones",
    noticedBy: "parked messages outlive the broker that parked them",
    wrap: parkingChanged((_parking, broker) => {
      const parked: Delivery[] = [];
      return {
        park: async (delivery) => {
          await delivery.reject({ requeue: false });
          parked.push(delivery);
        },
        count: async () => parked.length,
        promoteDue: async () => {
          const due = parked.splice(0);
          for (const delivery of due) if (delivery.message) await broker.publish(delivery.message, backTo(delivery));
          return due.length;
        },
      };
    }),
  },
  {
    fault: "counts what it promotes twice",
    noticedBy: "two workers promoting at once put each message back once",
    wrap: parkingChanged((parking) => ({
      promoteDue: async (...call) => 2 * (await parking.promoteDue(...call)),
    })),
  },
  {
    fault: "says that it parked what it did not hold",
    noticedBy: "a settled delivery cannot be parked",
    wrap: parkingChanged((parking) => ({ park: (...call) => parking.park(...call).catch(() => undefined) })),
  },
];
