/**
 * Our worker as a program, with the interop tasks: `node dist/worker-program.js [NODENAME] [QUEUE,QUEUE] [SLOTS]`.
 * Configured like the Python peers: CELERIAC_PEER_CONF is one JSON object of Celery settings. SIGTERM is a warm shutdown.
 * @module
 */
import { createLogger, prettySink } from "@celeriac/core";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { createInteropApp } from "./interop-app.js";

const [hostname = "celeriac@typescript", queues = "ts", slots = "4"] = process.argv.slice(2);
const logger = createLogger({ level: "info", sink: prettySink(process.stderr) });
const app = createInteropApp(JSON.parse(process.env.CELERIAC_PEER_CONF ?? "{}"), logger);
const pool = asyncPool({ concurrency: Number(slots) });
const worker = createWorker(app, { queues: queues.split(","), pool, hostname });
process.once("SIGTERM", () => void worker.stop());
process.once("SIGINT", () => void worker.stop());
await worker.run();
await app.close();
