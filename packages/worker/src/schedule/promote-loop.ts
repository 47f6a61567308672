import type { Clock, Logger, Parking } from "@celeriac/core";
import { exponentialBackoff, startLoop } from "@celeriac/core";

/** Parked tasks come back this long before they are due, so that a worker's own timer starts them to the millisecond. */
export const PARK_LEAD_MS = 3000;

const INTERVAL_MS = 1000;

/** Brings parked tasks back as they come due. Every worker runs it; the store lets only one take each task. */
export function startPromoteLoop(parking: Parking, clock: Clock, log: Logger): AsyncDisposable {
  let away = false;
  return startLoop({
    step: async (signal) => {
      await parking.promoteDue({ signal });
      away = false;
    },
    intervalMs: INTERVAL_MS,
    backoff: exponentialBackoff({ baseMs: INTERVAL_MS, maxMs: 30_000 }),
    clock,
    onError: (error) => {
      if (!away) log.debug({ error: String(error) }, "parked tasks cannot be promoted for now");
      away = true;
    },
  });
}
