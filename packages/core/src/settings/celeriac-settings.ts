import { integer, seconds } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** Settings that Celery does not have. */
export interface CeleriacSettings {
  /** Seconds after which a publish without an answer rejects; the message may or may not be stored by then. */
  readonly publishTimeout: number;
  /** Bytes of a body after decompression; a larger one is a dead letter. */
  readonly maxBodyBytes: number;
  /** Seconds ahead that an `eta` may lie; a message further away is a dead letter. */
  readonly maxEta: number;
}

export const celeriacSettings: SettingsTable<CeleriacSettings> = {
  publishTimeout: seconds(10, { min: 0.001 }),
  maxBodyBytes: integer(64 * 1024 * 1024, { unit: "bytes", min: 1 }),
  maxEta: seconds(365 * 86_400),
};
