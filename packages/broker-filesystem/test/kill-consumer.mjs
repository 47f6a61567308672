// Consumes FOLDER until it is killed: writes each message's id to LEDGER, then acks it. Run from the built package.
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { filesystemBroker } from "../dist/index.js";

const [folder, ledger] = process.argv.slice(2);
const broker = filesystemBroker({ folder, sweepIntervalMs: 50 });
const queue = { name: "kill", exchange: { name: "", type: "direct" }, routingKey: "kill" };
const consumer = await broker.consume({ queues: [queue], prefetch: 8 });
process.send?.("ready");
for await (const batch of consumer) {
  for (const delivery of batch) {
    appendFileSync(ledger, `${delivery.message.headers.id} ${delivery.redelivered ? "again" : "first"}\n`);
    await delivery.ack();
  }
  await pause(3); // else two of them are done before anybody can kill them
}
