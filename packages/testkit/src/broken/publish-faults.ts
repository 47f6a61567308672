import { BrokerError } from "@celeriac/core/errors";
import { type BrokenBroker, publishChanged, replaced } from "./broken-broker.js";

/** Brokers that fail those who publish. */
export const publishFaults: readonly BrokenBroker[] = [
  {
    fault: "stores a message after the next one",
    noticedBy: "keeps the order when consumed one at a time",
    wrap: (broker) => {
      let held: (() => Promise<void>) | undefined;
      return replaced(broker, {
        publish: async (...call) => {
          const before = held;
          held = before === undefined ? () => broker.publish(...call) : undefined;
          if (before === undefined) return;
          await broker.publish(...call);
          await before();
        },
      });
    },
  },
  {
    fault: "fails as a whole",
    noticedBy: "publishMany reports each message on its own",
    wrap: (broker) =>
      replaced(broker, {
        publishMany: async (...call) => {
          const results = await broker.publishMany(...call);
          for (const result of results) if (result.status === "rejected") throw result.reason;
          return results;
        },
      }),
  },
  {
    fault: "takes an empty list for a mistake",
    noticedBy: "publishMany of nothing resolves with nothing",
    wrap: (broker) =>
      replaced(broker, {
        publishMany: async (messages, options) => {
          if (messages.length === 0) throw new RangeError("There is nothing to publish.");
          return broker.publishMany(messages, options);
        },
      }),
  },
  {
    fault: "accepts messages that go nowhere",
    noticedBy: "a message for which no queue is bound is refused as UNROUTABLE",
    wrap: (broker) => replaced(broker, { publish: (...call) => broker.publish(...call).catch(() => undefined) }),
  },
  {
    fault: "ignores signals",
    noticedBy: "an aborted signal rejects the call with its reason",
    wrap: (broker) => replaced(broker, { publish: (message, route) => broker.publish(message, route) }),
  },
  {
    fault: "ignores deadlines",
    noticedBy: "a publish that gets no answer fails at its deadline",
    wrap: (broker) =>
      replaced(broker, {
        publish: (message, route, { timeoutMs, ...options } = {}) => broker.publish(message, route, options),
      }),
  },
  {
    fault: "looks at a signal only before it begins",
    noticedBy: "a publish that gets no answer can be abandoned by its signal",
    wrap: (broker) =>
      replaced(broker, {
        publish: (message, route, { signal, ...options } = {}) => broker.publish(message, route, options),
      }),
  },
  {
    fault: "keeps the caller's object",
    noticedBy: "changing a message after it was published changes nothing",
    wrap: (broker) =>
      replaced(broker, {
        publish: (message, route, options) =>
          new Promise((resolve, reject) => {
            resolve();
            setImmediate(() => broker.publish(message, route, options).catch(reject));
          }),
      }),
  },
  {
    fault: "damages bytes that are no text",
    noticedBy: "every byte value survives in a body",
    wrap: publishChanged((message) => ({
      message: { ...message, body: new TextEncoder().encode(new TextDecoder().decode(message.body)) },
    })),
  },
  {
    fault: "cuts a body at 64 KiB",
    noticedBy: "a body of 1 MiB arrives whole",
    wrap: publishChanged((message) => ({ message: { ...message, body: message.body.subarray(0, 65_536) } })),
  },
  {
    fault: "fills an empty body",
    noticedBy: "an empty body stays empty",
    wrap: publishChanged((message) => ({
      message: message.body.byteLength > 0 ? message : { ...message, body: new TextEncoder().encode("null") },
    })),
  },
  {
    fault: "drops headers whose names are no words",
    noticedBy: "odd headers arrive as they were",
    wrap: publishChanged((message) => {
      const words = Object.entries(message.headers).filter(([name]) => /^\w+$/.test(name));
      return { message: { ...message, headers: Object.fromEntries(words) } };
    }),
  },
  {
    fault: "drops the expiration",
    noticedBy: "properties arrive as they were",
    wrap: publishChanged((message) => {
      const { expiration, ...properties } = message.properties;
      return { message: { ...message, properties } };
    }),
  },
  {
    fault: "replaces blanks in names",
    noticedBy: "a queue may have dots, spaces, unicode and an @ in its name",
    wrap: publishChanged((_message, route) => ({
      route: { ...route, routingKey: route.routingKey.replaceAll(" ", "_") },
    })),
  },
  {
    fault: "drops the priority",
    noticedBy: "serves the most urgent priority first",
    wrap: publishChanged((message) => {
      const { priority, ...properties } = message.properties;
      return { message: { ...message, properties } };
    }),
  },
  {
    fault: "does not know the anonymous exchange",
    noticedBy: "the anonymous exchange routes to the queue named by the routing key",
    wrap: (broker) =>
      replaced(broker, {
        publish: async (message, route, options) => {
          const isAnonymous = route.exchange === "" && route.queue === undefined;
          if (isAnonymous) throw new BrokerError("There is no such exchange.", { code: "UNROUTABLE" });
          await broker.publish(message, route, options);
        },
      }),
  },
  {
    fault: "does not declare the queue of a route",
    noticedBy: "the queue of a route is declared before the first message goes there",
    wrap: publishChanged((_message, { queue, ...route }) => ({ route })),
  },
];
