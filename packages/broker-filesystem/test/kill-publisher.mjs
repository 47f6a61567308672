// Publishes to FOLDER until it is killed: writes each id to LEDGER once its publish has resolved. Run from the built package.
import { appendFileSync } from "node:fs";
import { filesystemBroker } from "../dist/index.js";

const [folder, ledger, prefix] = process.argv.slice(2);
const broker = filesystemBroker({ folder });
const body = new Uint8Array(10_000);
for (let count = 0; ; count += 1) {
  const id = `${prefix}-${count}`;
  const message = { body, contentType: "x", contentEncoding: "binary", headers: { id }, properties: {} };
  await broker.publish(message, { exchange: "", routingKey: "kill" });
  appendFileSync(ledger, `${id}\n`);
  if (count === 0) process.send?.("ready");
}
