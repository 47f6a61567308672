import type { Broker, OncePublisher } from "@celeriac/core/ports";
import { type BrokenBroker, replaced } from "./broken-broker.js";

/** A broker that publishes once in another way. */
function onceReplaced(change: (once: OncePublisher, broker: Broker) => OncePublisher["publish"]): BrokenBroker["wrap"] {
  return (broker) => {
    if (broker.once === undefined) return broker;
    return replaced(broker, { once: { publish: change(broker.once, broker) } });
  };
}

/** Brokers that publish once in another way than they say. */
export const onceFaults: readonly BrokenBroker[] = [
  {
    fault: "publishes whatever the key is",
    noticedBy: "a message is published once under its key",
    wrap: onceReplaced((_once, broker) => async (message, route, _key, options) => {
      await broker.publish(message, route, options);
      return true;
    }),
  },
  {
    fault: "looks into the queue for the message",
    noticedBy: "a key stays used when its message is gone",
    wrap: onceReplaced((_once, broker) => async (message, route) => {
      if ((await broker.queues.length(route.routingKey)) > 0) return false;
      await broker.publish(message, route);
      return true;
    }),
  },
  {
    fault: "folds the case of keys",
    noticedBy: "other keys, and messages without one, are published beside it",
    wrap: onceReplaced((once) => (message, route, key) => once.publish(message, route, key.toLowerCase())),
  },
  {
    fault: "remembers keys in each broker",
    noticedBy: "of fifty that publish at once under a key, from several brokers, one does",
    wrap: onceReplaced((_once, broker) => {
      const used = new Set<string>();
      return async (message, route, key) => {
        if (used.has(key)) return false;
        used.add(key);
        await broker.publish(message, route);
        return true;
      };
    }),
  },
  {
    fault: "drops headers",
    noticedBy: "what is published once is the message that was meant",
    wrap: onceReplaced(
      (once) =>
        (message, ...rest) =>
          once.publish({ ...message, headers: {} }, ...rest),
    ),
  },
  {
    fault: "publishes to one queue only",
    noticedBy: "publishing once reaches every queue that is bound",
    wrap: onceReplaced((once) => (message, _route, ...rest) => {
      return once.publish(message, { exchange: "", routingKey: "once-all" }, ...rest);
    }),
  },
  {
    fault: "declares nothing",
    noticedBy: "publishing once declares the queue of the route",
    wrap: onceReplaced((once) => (message, { exchange, routingKey }, ...rest) => {
      return once.publish(message, { exchange, routingKey }, ...rest);
    }),
  },
  {
    fault: "uses up the key before it knows the queues",
    noticedBy: "what cannot be routed is UNROUTABLE, and leaves its key free",
    wrap: onceReplaced((once) => async (message, route, key) => {
      const isNew = await once.publish(message, { exchange: "", routingKey: "marks" }, key);
      if (isNew) await once.publish(message, route, `${key} again`);
      return isNew;
    }),
  },
  {
    fault: "drops the priority",
    noticedBy: "publishing once keeps the priority",
    wrap: onceReplaced(
      (once) =>
        (message, ...rest) =>
          once.publish({ ...message, properties: {} }, ...rest),
    ),
  },
  {
    fault: "tells a fanout every time",
    noticedBy: "publishing once to a fanout reaches who listens",
    wrap: onceReplaced((_once, broker) => async (message, route) => {
      await broker.publish(message, route);
      return true;
    }),
  },
  {
    fault: "does not look at signals",
    noticedBy: "publishing once heeds an aborted signal",
    wrap: onceReplaced((once) => (message, route, key) => once.publish(message, route, key)),
  },
  {
    fault: "publishes after it was closed",
    noticedBy: "publishing once on a closed broker is refused as BROKER_CLOSED",
    wrap: (broker) => replaced(broker, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "ignores the deadline of what it publishes once",
    noticedBy: "publishing once fails at its deadline when there is no answer",
    wrap: onceReplaced((once) => (message, route, key, { timeoutMs, ...options } = {}) => {
      return once.publish(message, route, key, options);
    }),
  },
];
