import { systemClock } from "@celeriac/core/lifecycle";

/** Asks again every few milliseconds until the answer is `true`; fails with `message` after `withinMs`. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
  withinMs: number,
  message: string,
): Promise<void> {
  const until = systemClock.monotonic() + withinMs;
  while (!(await ask())) {
    if (systemClock.monotonic() > until) throw new Error(`${message} (waited ${withinMs} ms)`);
    await systemClock.sleep(5);
  }
}
