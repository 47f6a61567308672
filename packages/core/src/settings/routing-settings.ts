import type { ExchangeType } from "../ports/queue.js";
import { choice, flag, integer, special, text } from "./define-setting.js";
import type { QueuesSetting } from "./queue-setting.js";
import type { RoutesSetting } from "./routes-setting.js";
import type { SettingsTable } from "./setting.js";

/** @see Celery user guide, "Routing Tasks". */
export interface RoutingSettings {
  /** `null` declares `taskDefaultQueue` only. */
  readonly taskQueues: QueuesSetting | null;
  readonly taskRoutes: RoutesSetting | null;
  /** Highest priority of queues that do not say their own. */
  readonly taskQueueMaxPriority: number | null;
  readonly taskDefaultPriority: number | null;
  readonly taskInheritParentPriority: boolean;
  readonly taskCreateMissingQueues: boolean;
  readonly taskCreateMissingQueueType: "classic" | "quorum";
  /** `null` means `direct`. */
  readonly taskCreateMissingQueueExchangeType: ExchangeType | null;
  readonly taskDefaultQueue: string;
  readonly taskDefaultQueueType: "classic" | "quorum";
  /** `null` means the name of the default queue. */
  readonly taskDefaultExchange: string | null;
  readonly taskDefaultExchangeType: ExchangeType;
  /** `null` means the name of the default queue. */
  readonly taskDefaultRoutingKey: string | null;
  /** 1 keeps messages in memory only, 2 stores them; `"transient"` and `"persistent"` are accepted too. */
  readonly taskDefaultDeliveryMode: 1 | 2;
  readonly taskSendSentEvent: boolean;
  /** Every worker also consumes a queue of its own. */
  readonly workerDirect: boolean;
}

const QUEUE_TYPES = ["classic", "quorum"] as const;
const EXCHANGE_TYPES = ["direct", "topic", "fanout", "headers"] as const;

export const routingSettings: SettingsTable<RoutingSettings> = {
  taskQueues: special<QueuesSetting | null, "queues">("queues", null),
  taskRoutes: special<RoutesSetting | null, "routes">("routes", null),
  taskQueueMaxPriority: integer(null, { max: 255 }),
  taskDefaultPriority: integer(null, { max: 255 }),
  taskInheritParentPriority: flag(false),
  taskCreateMissingQueues: flag(true),
  taskCreateMissingQueueType: choice(QUEUE_TYPES, "classic"),
  taskCreateMissingQueueExchangeType: {
    type: "choice",
    values: EXCHANGE_TYPES,
    default: null,
    nullable: true,
    use: "used",
  },
  taskDefaultQueue: text("celery"),
  taskDefaultQueueType: choice(QUEUE_TYPES, "classic"),
  taskDefaultExchange: text(null),
  taskDefaultExchangeType: choice(EXCHANGE_TYPES, "direct"),
  taskDefaultRoutingKey: text(null),
  taskDefaultDeliveryMode: special<1 | 2, "delivery-mode">("delivery-mode", 2),
  taskSendSentEvent: flag(false, { old: "CELERY_SEND_TASK_SENT_EVENT" }),
  workerDirect: flag(false, { old: "CELERY_WORKER_DIRECT" }),
};
