/**
 * The worker under test in Celery's own integration suite: `node dist/celery-suite-worker.js NODENAME`. One slot, as
 * the suite's own worker has. SIGTERM is a warm shutdown.
 * @module
 */
import { createWorker } from "@celeriac/worker";
import { prefork } from "@celeriac/worker/prefork";
import { createSuiteApp } from "./celery-suite/suite-app.js";

const [hostname = "celery@%h"] = process.argv.slice(2);
const app = createSuiteApp();
const pool = prefork({
  app: { module: new URL("./celery-suite/suite-app.js", import.meta.url).href, exportName: "createSuiteChildApp" },
  concurrency: 1,
});
const worker = createWorker(app, { pool, hostname });
process.once("SIGTERM", () => void worker.stop());
process.once("SIGINT", () => void worker.stop());
await worker.run();
await app.close();
