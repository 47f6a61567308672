import type { Queue } from "@celeriac/core/ports";
import type { BackendSettings } from "../backend-settings.js";

/** What RabbitMQ takes as `x-expires`. */
const LONGEST_EXPIRY_MS = 2 ** 32 - 1;
/** Nobody else knows a name that we made up: once its process is gone, the queue needs to outlive an outage only. */
const UNNAMED_EXPIRY_MS = 3_600_000;

/**
 * The queue that results come to, on the anonymous exchange. No Python peer declares it, so its arguments are ours: unlike
 * Celery's it does not go with its consumer, as then every lost connection would take the results with it. We delete it when
 * we leave, and RabbitMQ does when we could not.
 */
export function planReplyQueue(settings: Omit<BackendSettings, "connection">): Queue {
  const { address, isNamed, expiresMs, isPersistent } = settings;
  const base: Queue = {
    name: address,
    exchange: { name: "", type: "direct" },
    routingKey: address,
    durable: isPersistent,
  };
  if (!isNamed) return { ...base, expiresMs: Math.min(expiresMs || UNNAMED_EXPIRY_MS, UNNAMED_EXPIRY_MS) };
  if (expiresMs === 0) return base;
  const capped = Math.min(expiresMs, LONGEST_EXPIRY_MS);
  return { ...base, expiresMs: capped, messageTtlMs: capped };
}
