/**
 * One prefork worker under test. The driver kills it with its children; it ends by itself when the driver goes away.
 * @module
 */
import { createWorker } from "@celeriac/worker";
import { prefork } from "@celeriac/worker/prefork";
import { openLedger } from "../ledger/ledger.js";
import { buildApp } from "./chaos-app.js";
import { chordsOf, plantedChords } from "./chord-load.js";
import { readSystemConfig } from "./system-config.js";
import { watchBroker } from "./watched-broker.js";

const { config, boot } = readSystemConfig(process.env);
const ledger = openLedger({ dir: config.ledgerDir, run: config.run, boot });
const plants =
  config.load === "chords"
    ? { plantEvery: 0, plantedChords: config.plantEvery > 0 ? plantedChords(chordsOf(config)) : new Map() }
    : { plantEvery: config.plantEvery };
const app = buildApp(config, ledger, (broker) => watchBroker(broker, { ledger, ...plants }));
const module = new URL("./chaos-app.js", import.meta.url).href;
const worker = createWorker(app, {
  pool: prefork({ app: { module, exportName: "createChildApp", argument: config }, concurrency: config.slots }),
  hostname: `${boot}@chaos`,
});

const abandon = (): never => process.exit(1);
process.on("disconnect", abandon); // nobody is left to end this run
if (!process.connected) abandon(); // it ended while this process was loading
process.on("message", (message) => {
  if (message === "stop") void worker.stop();
});

await worker.start();
process.send?.("ready");
await worker.run();
await app.close();
process.off("disconnect", abandon);
process.disconnect();
