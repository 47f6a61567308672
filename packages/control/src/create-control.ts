import type { BroadcastOptions, ControlApp, LogicalClock } from "./broadcast.js";
import { broadcast } from "./broadcast.js";
import type { Inspect, InspectOptions } from "./inspect.js";
import { createInspect } from "./inspect.js";

/** Remote control of the workers that share the app's broker: ours and Python's. */
export interface Control {
  /**
   * Sends any command: `broadcast("rate_limit", { task_name: "a", rate_limit: "10/m" })`. Arguments and replies are in
   * Celery's names.
   * @returns Replies by node name. Of two nodes with one name the later reply counts, and the app's logger warns.
   * @throws ControlError `CONTROL_UNSUPPORTED` when the broker has no fanout, `CONTROL_OPTIONS`; BrokerError.
   */
  broadcast(
    method: string,
    args?: Readonly<Record<string, unknown>>,
    options?: BroadcastOptions,
  ): Promise<ReadonlyMap<string, unknown>>;
  /** Node names that answered in time. Throws like `broadcast`. */
  ping(options?: InspectOptions): Promise<readonly string[]>;
  readonly inspect: Inspect;
  /**
   * Asks workers for a warm shutdown: they finish what runs, and give back the rest. Nodes do not answer, so it resolves
   * once the request is sent. Throws like `broadcast`.
   */
  shutdown(options?: Omit<BroadcastOptions, "reply" | "limit" | "timeout">): Promise<void>;
}

/** Creates a remote control client; does no I/O. It owns nothing, so there is nothing to close. */
export function createControl(app: ControlApp): Control {
  const clock = logicalClock();
  const send: Control["broadcast"] = (method, args = {}, options = {}) => broadcast(app, clock, method, args, options);
  return {
    broadcast: send,
    ping: async (options = {}) => [...(await send("ping", {}, options)).keys()],
    inspect: createInspect(send),
    shutdown: async (options = {}) => {
      await send("shutdown", {}, { ...options, reply: false });
    },
  };
}

function logicalClock(): LogicalClock {
  let value = 0;
  return {
    next: () => {
      value += 1;
      return value;
    },
    observe: (other) => {
      value = Math.max(value, other) + 1;
    },
  };
}
