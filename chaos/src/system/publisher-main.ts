/**
 * Publishes the load, a bounded number at once, and writes what the broker said to each.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { openLedger } from "../ledger/ledger.js";
import { seededRandom } from "../seeded-random.js";
import { buildApp, TASK } from "./chaos-app.js";
import { planLoad, taskId } from "./load.js";
import { readSystemConfig } from "./system-config.js";

const IN_FLIGHT = 50;

const { config, boot } = readSystemConfig(process.env);
const ledger = openLedger({ dir: config.ledgerDir, run: config.run, boot });
const app = buildApp(config, ledger);
const load = planLoad(config.tasks, seededRandom(config.seed));
const startedMs = performance.now();
let next = 0;

const abandon = (): never => process.exit(1);
process.on("disconnect", abandon); // nobody is left to end this run
if (!process.connected) abandon(); // it ended while this process was loading
await Promise.all(Array.from({ length: IN_FLIGHT }, publishSome));
await app.close();
process.off("disconnect", abandon);
process.disconnect();

async function publishSome(): Promise<void> {
  for (let number = next++; number < load.length; number = next++) {
    const dueMs = config.rate === 0 ? 0 : (number * 1000) / config.rate;
    const aheadMs = dueMs - (performance.now() - startedMs);
    if (aheadMs > 0) await pause(aheadMs);
    await publishOne(number);
  }
}

async function publishOne(number: number): Promise<void> {
  const id = taskId(config.run, number);
  ledger.write("P", { id, extra: { behaviour: load[number] } });
  try {
    await app.send(TASK, [load[number]], { taskId: id });
  } catch (error) {
    ledger.write("N", { id, extra: { error: String(error).slice(0, 300) } });
    return;
  }
  ledger.write("K", { id });
}
