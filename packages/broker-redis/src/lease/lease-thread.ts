/**
 * Entry point of the thread that renews leases. It shares nothing with the main thread but the list of tags, so user
 * code that blocks the event loop cannot make a worker lose its messages. RELIABILITY G6.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { exponentialBackoff, startLoop, systemClock } from "@celeriac/core/lifecycle";
import { redisServer } from "@celeriac/redis-connection";
import type { LeaseMessage, LeaseThreadData } from "./lease-messages.js";
import { renewLeases } from "./renew-leases.js";

// Only `Lease` starts this file, with exactly this data.
const { target, indexKey, prefix, visibilityMs, held: alreadyHeld } = workerData as LeaseThreadData;
const held = new Set<number>(alreadyHeld);
const connection = redisServer("broker", target).openCommands();

parentPort?.on("message", (message: LeaseMessage) => {
  if (message.kind === "hold") {
    for (let i = 0; i < message.count; i += 1) held.add(message.first + i);
  } else {
    for (const number of message.numbers) held.delete(number);
  }
});

startLoop({
  step: () => renewLeases(connection, { indexKey, prefix, timeoutMs: visibilityMs / 3 }, held),
  intervalMs: visibilityMs / 3,
  backoff: exponentialBackoff({ baseMs: 100, maxMs: Math.min(2000, visibilityMs / 6) }),
  clock: systemClock,
  onError: () => undefined, // it tries again; what is lost in the end, the settlement of the message reports
});
