import { flag, seconds, special, text } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** Events and remote control. Times are seconds. @see Celery user guide, "Configuration and defaults". */
export interface EventSettings {
  readonly eventQueueTtl: number;
  readonly eventQueueExpires: number;
  readonly eventQueuePrefix: string;
  readonly eventExchange: string;
  /** Not together with `eventQueueExclusive`. */
  readonly eventQueueDurable: boolean;
  readonly eventQueueExclusive: boolean;
  readonly eventSerializer: string;
  readonly eventsLogfile: string | null;
  readonly eventsPidfile: string | null;
  readonly eventsUid: string | number | null;
  readonly eventsGid: string | number | null;
  readonly eventsUmask: string | number | null;
  readonly eventsExecutable: string | null;
  readonly controlQueueTtl: number;
  readonly controlQueueExpires: number;
  readonly controlExchange: string;
  /** Not together with `controlQueueExclusive`. */
  readonly controlQueueDurable: boolean;
  readonly controlQueueExclusive: boolean;
}

export const eventSettings: SettingsTable<EventSettings> = {
  eventQueueTtl: seconds(5),
  eventQueueExpires: seconds(60),
  eventQueuePrefix: text("celeryev"),
  eventExchange: text("celeryev"),
  eventQueueDurable: flag(false),
  eventQueueExclusive: flag(false),
  eventSerializer: text("json"),
  eventsLogfile: text(null, { use: "mapped" }),
  eventsPidfile: text(null, { use: "mapped" }),
  eventsUid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  eventsGid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  eventsUmask: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  eventsExecutable: text(null, { use: "mapped" }),
  controlQueueTtl: seconds(300),
  controlQueueExpires: seconds(10),
  controlExchange: text("celery"),
  controlQueueDurable: flag(false),
  controlQueueExclusive: flag(false),
};
