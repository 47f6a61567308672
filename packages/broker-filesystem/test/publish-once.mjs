// Publishes one message to FOLDER and has nothing more to do. Run from the built package.
import { filesystemBroker } from "../dist/index.js";

const broker = filesystemBroker({ folder: process.argv[2] });
const message = { body: new Uint8Array(), contentType: "", contentEncoding: "utf-8", headers: {}, properties: {} };
await broker.publish(message, { exchange: "", routingKey: "hello" });
console.log("published");
