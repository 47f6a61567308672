/**
 * Publishes the load, a bounded number at once, and writes what the broker said to each.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { openLedger } from "../ledger/ledger.js";
import { seededRandom } from "../seeded-random.js";
import { buildApp } from "./chaos-app.js";
import { chordsOf } from "./chord-load.js";
import { FaultGate } from "./fault-gate.js";
import { planLoad, taskId } from "./load.js";
import { publishChord, publishTask } from "./offer.js";
import { readSystemConfig } from "./system-config.js";
import { watchBroker } from "./watched-broker.js";

const IN_FLIGHT = { tasks: 50, chords: 5 };

/** One thing to publish, and how many messages come before it. */
interface Offer {
  readonly before: number;
  publish(): Promise<void>;
}

const { config, boot } = readSystemConfig(process.env);
const ledger = openLedger({ dir: config.ledgerDir, run: config.run, boot });
const isChords = config.load === "chords";
// A single task is noted around its send, tries included; of a chord each message.
const app = buildApp(config, ledger, (broker) => (isChords ? watchBroker(broker, { ledger, plantEvery: 0 }) : broker));
const offers = isChords ? chordOffers() : taskOffers();
const gate = new FaultGate({ items: offers.length, faults: config.awaitedFaults });
const startedMs = performance.now();
let next = 0;

const abandon = (): never => process.exit(1);
process.on("message", (struck) => gate.note(Number(struck)));
process.on("disconnect", abandon); // nobody is left to end this run
if (!process.connected) abandon(); // it ended while this process was loading
await Promise.all(Array.from({ length: IN_FLIGHT[config.load] }, publishSome));
await app.close();
process.off("disconnect", abandon);
process.disconnect();

async function publishSome(): Promise<void> {
  for (let number = next++; ; number = next++) {
    const offer = offers[number];
    if (offer === undefined) return;
    await gate.pass(number);
    const dueMs = config.rate === 0 ? 0 : (offer.before * 1000) / config.rate;
    const aheadMs = dueMs - (performance.now() - startedMs);
    if (aheadMs > 0) await pause(aheadMs);
    await offer.publish();
  }
}

function taskOffers(): readonly Offer[] {
  const load = planLoad(config.tasks, seededRandom(config.seed));
  return load.map((behaviour, number) => ({
    before: number,
    publish: () => publishTask(app, ledger, taskId(config.run, number), behaviour),
  }));
}

function chordOffers(): readonly Offer[] {
  let before = 0;
  return chordsOf(config).map((planned) => {
    const offer = { before, publish: () => publishChord(app, ledger, config.run, planned) };
    before += planned.header.length;
    return offer;
  });
}
