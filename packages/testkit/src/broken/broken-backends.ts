import type { BrokenBackend } from "./broken-backend.js";
import { chordCountFaults } from "./chord-count-faults.js";
import { chordEntryFaults } from "./chord-entry-faults.js";
import { chordOnceFaults } from "./chord-once-faults.js";
import { compressionFaults } from "./compression-faults.js";
import { limitFaults } from "./limit-faults.js";
import { recordFaults } from "./record-faults.js";
import { stateFaults } from "./state-faults.js";
import { watchFaults } from "./watch-faults.js";

/** A broken backend for every case of `backendContract`. */
export const brokenBackends: readonly BrokenBackend[] = [
  ...stateFaults,
  ...recordFaults,
  ...watchFaults,
  ...limitFaults,
  ...compressionFaults,
  ...chordCountFaults,
  ...chordEntryFaults,
  ...chordOnceFaults,
];
