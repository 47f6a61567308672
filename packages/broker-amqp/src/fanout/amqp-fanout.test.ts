import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { AmqpFanout } from "./amqp-fanout.js";

const queue = { name: "node.pidbox", exchange: { name: "pidbox", type: "fanout" }, routingKey: "" } as const;

/** A channel whose connection is cut while its first consumer is being started. */
function channelCutWhileStarting(): EventEmitter {
  const lost = new Error("Channel ended, no reply will be forthcoming");
  const channel = new EventEmitter();
  return Object.assign(channel, {
    prefetch: () => Promise.resolve(),
    consume: () => {
      channel.emit("close");
      return Promise.reject(lost);
    },
    cancel: () => Promise.reject(lost),
    close: () => Promise.reject(lost),
  });
}

function fanoutOn(channel: EventEmitter): AmqpFanout {
  const session = { openChannel: async () => channel, lost: undefined };
  const consuming = { isClosed: false, session: undefined, connect: async () => session };
  const topology = { forgetQueue: () => undefined, declare: async () => undefined };
  // Of the options only these members are reached by a listener that does not get to listen.
  return new AmqpFanout({ consuming, topology, timeoutMs: 1000 } as unknown as ConstructorParameters<
    typeof AmqpFanout
  >[0]);
}

it("tells the caller alone when the connection is lost while it starts to listen", async () => {
  const unheard: unknown[] = [];
  const note = (error: unknown): number => unheard.push(error);
  process.on("unhandledRejection", note);
  try {
    const listening = fanoutOn(channelCutWhileStarting()).listen(queue, () => undefined);
    await expect(listening).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    await new Promise((resolve) => setImmediate(resolve)); // rejections nobody hears are reported at the end of a turn
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unheard).toEqual([]);
});
