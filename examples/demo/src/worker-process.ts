/** The program of the worker: two child processes that run tasks, and this one, which holds the messages. */
import { rm } from "node:fs/promises";
import { createLogger } from "@celeriac/core";
import { createWorker } from "@celeriac/worker";
import { prefork } from "@celeriac/worker/prefork";
import type { FromWorker } from "./stage/worker-messages.js";
import { createDemo } from "./tasks.js";

const folder = process.argv[2] ?? "";

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

// Ctrl-C reaches the whole process group; the producer decides what it means.
process.on("SIGINT", () => undefined);

const logger = createLogger({ sink: ({ level, message, fields }) => say({ type: "log", level, message, fields }) });
const { app } = createDemo(folder, logger);
const worker = createWorker(app, {
  hostname: "demo@%h",
  pool: prefork({
    concurrency: 2,
    app: { module: new URL("./tasks.js", import.meta.url).href, exportName: "demoApp", argument: folder },
  }),
});
process.on("message", () => worker.stop()); // the producer says nothing else
process.once("disconnect", () => worker.stop()); // it is gone, so it is our turn to clean up

await worker.start();
say({ type: "ready" });
await worker.run();
await app.close();
if (process.connected) process.disconnect();
else await rm(folder, { recursive: true, force: true });
