/**
 * Entry point of the thread that renews leases. It shares nothing with the main thread but tag numbers, so user code that
 * blocks the event loop cannot make a worker lose its messages. RELIABILITY G6.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { exponentialBackoff, startLoop, systemClock } from "@celeriac/core/lifecycle";
import { redisServer } from "@celeriac/redis-connection";
import { LeaseBoard } from "./lease-board.js";
import type { HeldSnapshot, LeaseThreadData } from "./lease-messages.js";
import { renewLeases } from "./renew-leases.js";

// Only `Lease` starts this file, with exactly this data.
const { target, indexKey, prefix, visibilityMs, board: memory, held: first } = workerData as LeaseThreadData;
const board = new LeaseBoard(visibilityMs, memory);
const connection = redisServer("broker", target).openCommands();
let held = first;

parentPort?.on("message", (snapshot: HeldSnapshot) => {
  held = snapshot;
});

/** Errs on the side of renewing: a number that is not in use costs the server a look-up and changes nothing. */
function* numbersToRenew(): Iterable<number> {
  yield* held.numbers;
  const last = board.highest;
  for (let number = held.upTo + 1; number <= last; number += 1) yield number;
}

startLoop({
  step: () => renewLeases(connection, { indexKey, prefix, board, timeoutMs: visibilityMs / 3 }, numbersToRenew()),
  intervalMs: visibilityMs / 3,
  backoff: exponentialBackoff({ baseMs: 100, maxMs: Math.min(2000, visibilityMs / 6) }),
  clock: systemClock,
  onError: () => undefined, // it tries again; what is lost in the end, the settlement of the message reports
});
