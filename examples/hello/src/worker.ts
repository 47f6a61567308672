import { createWorker } from "@celeriac/worker";
import { prefork } from "@celeriac/worker/prefork";
import { app } from "./tasks.js";

const pool = prefork({ app: new URL("./tasks.js", import.meta.url), concurrency: 2 });
const worker = createWorker(app, { pool });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => worker.stop());
await worker.run();
await app.close();
