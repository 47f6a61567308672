import { abilityFaults } from "./ability-faults.js";
import type { BrokenBroker } from "./broken-broker.js";
import { consumerFaults } from "./consumer-faults.js";
import { deliveryFaults } from "./delivery-faults.js";
import { leaseFaults } from "./lease-faults.js";
import { onceFaults } from "./once-faults.js";
import { publishFaults } from "./publish-faults.js";
import { queueFaults } from "./queue-faults.js";
import { takeFaults } from "./take-faults.js";

/** A broken broker for every case of `brokerContract`. */
export const brokenBrokers: readonly BrokenBroker[] = [
  ...publishFaults,
  ...consumerFaults,
  ...deliveryFaults,
  ...leaseFaults,
  ...takeFaults,
  ...queueFaults,
  ...abilityFaults,
  ...onceFaults,
];
