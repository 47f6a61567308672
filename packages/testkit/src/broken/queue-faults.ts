import { BrokerError } from "@celeriac/core/errors";
import type { DeadLetterRecord } from "@celeriac/core/ports";
import { type BrokenBroker, batchesChanged, deadLettersChanged, queuesChanged, replaced } from "./broken-broker.js";

/** Brokers that look after queues and dead letters badly, or do not end as they should. */
export const queueFaults: readonly BrokenBroker[] = [
  {
    fault: "empties a queue that is declared again",
    noticedBy: "declaring a queue twice is safe and keeps its messages",
    wrap: queuesChanged((queues) => ({
      declare: async (queue, options) => {
        await queues.purge(queue.name);
        await queues.declare(queue, options);
      },
    })),
  },
  {
    fault: "forgets the keys of bindings",
    noticedBy: "a direct exchange routes by equal routing key, to every queue bound with it",
    wrap: queuesChanged((queues) => ({
      declare: (queue, options) => queues.declare({ ...queue, routingKey: "red" }, options),
    })),
  },
  {
    fault: "declares nothing before it consumes",
    noticedBy: "a binding made by one broker routes the messages of another",
    wrap: queuesChanged(() => ({ declare: async () => undefined })),
  },
  {
    fault: "takes # for one word",
    noticedBy: "a topic exchange matches words with * and any rest with #",
    wrap: queuesChanged((queues) => ({
      declare: (queue, options) =>
        queues.declare({ ...queue, routingKey: queue.routingKey.replace("#", "*") }, options),
    })),
  },
  {
    fault: "says only whether messages wait",
    noticedBy: "length counts the waiting messages",
    wrap: queuesChanged((queues) => ({
      length: async (...call) => Math.min(1, await queues.length(...call)),
    })),
  },
  {
    fault: "says only whether messages wait",
    noticedBy: "length and purge count every priority",
    wrap: queuesChanged((queues) => ({
      length: async (...call) => Math.min(1, await queues.length(...call)),
    })),
  },
  {
    fault: "counts claimed messages as waiting",
    noticedBy: "a claimed message is not waiting any more",
    wrap: (broker, notes) => {
      let claimed = 0;
      const counting = batchesChanged(() => (batch) => {
        claimed += batch.length;
        return batch;
      });
      const queues = queuesChanged((sound) => ({ length: async (...call) => claimed + (await sound.length(...call)) }));
      return queues(counting(broker, notes), notes);
    },
  },
  {
    fault: "counts too few when it purges",
    noticedBy: "purge removes the waiting messages and counts them",
    wrap: queuesChanged((queues) => ({
      purge: async (...call) => Math.max(0, (await queues.purge(...call)) - 1),
    })),
  },
  {
    fault: "purges other queues too",
    noticedBy: "purge leaves claimed messages and other queues alone",
    wrap: queuesChanged((queues) => ({
      purge: async (queue, options) => {
        await queues.purge("other", options);
        return queues.purge(queue, options);
      },
    })),
  },
  {
    fault: "only empties a queue that it is to delete",
    noticedBy: "delete removes the messages and the binding",
    wrap: queuesChanged((queues) => ({
      delete: async ({ name }, options) => {
        await queues.purge(name, options);
      },
    })),
  },
  {
    fault: "deletes nothing",
    noticedBy: "a deleted queue can be declared again and starts empty",
    wrap: queuesChanged(() => ({ delete: async () => undefined })),
  },
  {
    fault: "forgets whose task a dead letter was",
    noticedBy: "a dead letter is kept as it was added",
    wrap: deadLettersChanged((store) => ({
      add: ({ taskId, ...record }, options) => store.add(record, options),
    })),
  },
  {
    fault: "keeps dead letters in its memory",
    noticedBy: "dead letters outlive the broker that added them",
    wrap: deadLettersChanged(() => {
      const kept: DeadLetterRecord[] = [];
      return { add: async (record) => void kept.push(record), list: async () => kept, count: async () => kept.length };
    }),
  },
  {
    fault: "lists dead letters oldest first",
    noticedBy: "dead letters are listed newest first, up to the limit",
    wrap: deadLettersChanged((store) => ({
      list: async (...call) => [...(await store.list(...call))].reverse(),
    })),
  },
  {
    fault: "lists ten dead letters",
    noticedBy: "a hundred dead letters are listed by default",
    wrap: deadLettersChanged((store) => ({ list: (options) => store.list({ limit: 10, ...options }) })),
  },
  {
    fault: "says that it removed what was not there",
    noticedBy: "removing a dead letter says whether it was there",
    wrap: deadLettersChanged((store) => ({
      remove: async (...call) => {
        await store.remove(...call);
        return true;
      },
    })),
  },
  {
    fault: "serves callers after it was closed",
    noticedBy: "every call on a closed broker is refused as BROKER_CLOSED",
    wrap: (broker) => replaced(broker, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "refuses to be closed again",
    noticedBy: "closing a broker twice is safe, and one never used too",
    wrap: (broker) => {
      let isClosed = false;
      return replaced(broker, {
        async [Symbol.asyncDispose]() {
          if (isClosed) throw new Error("The broker is closed.");
          isClosed = true;
          await broker[Symbol.asyncDispose]();
        },
      });
    },
  },
  {
    fault: "closes its peers too",
    noticedBy: "closing one broker leaves its peers at work",
    wrap: (broker, notes) =>
      replaced(broker, {
        publish: async (...call) => {
          if (notes.has("closed")) throw new BrokerError("The connection is closed.", { code: "BROKER_UNAVAILABLE" });
          await broker.publish(...call);
        },
        async [Symbol.asyncDispose]() {
          notes.add("closed");
          await broker[Symbol.asyncDispose]();
        },
      }),
  },
  {
    fault: "shows the password",
    noticedBy: "a broker describes itself without credentials",
    wrap: (broker) =>
      replaced(broker, {
        description: { ...broker.description, hostname: "amqp://me:secret@localhost" },
      }),
  },
];
