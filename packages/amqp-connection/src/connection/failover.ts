import type { FailoverStrategy } from "../options/connection-options.js";

/** Which of several servers is tried. */
export interface Failover<T> {
  /** The one in use, or to be tried now. */
  current(): T;
  /** That one failed: the next becomes current. @returns Whether all have been tried since the last success. */
  advance(): boolean;
  /** The current one works: it stays current until it fails. */
  succeeded(): void;
}

/**
 * `round-robin` goes through the servers in their order, `shuffle` in a random one, a new one for each round.
 * @param random - Uniform in [0, 1).
 * @see kombu `utils/functional.py` shufflecycle, `connection.py` failover_strategies.
 */
export function createFailover<T>(
  servers: readonly [T, ...T[]],
  strategy: FailoverStrategy,
  random: () => number = Math.random,
): Failover<T> {
  let order = strategy === "shuffle" ? shuffled(servers, random) : servers;
  let index = 0;
  let tried = 0;
  return {
    current: () => order[index] ?? servers[0],
    advance: () => {
      index += 1;
      tried += 1;
      if (index >= order.length) {
        index = 0;
        if (strategy === "shuffle") order = shuffled(servers, random);
      }
      if (tried < order.length) return false;
      tried = 0;
      return true;
    },
    succeeded: () => {
      tried = 0;
    },
  };
}

function shuffled<T>(items: readonly [T, ...T[]], random: () => number): readonly [T, ...T[]] {
  const copy: [T, ...T[]] = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const held = copy[last];
    const moved = copy[other];
    if (held === undefined || moved === undefined) continue;
    copy[last] = moved;
    copy[other] = held;
  }
  return copy;
}
