/** The side that has the code. */
import type { App } from "@celeriac/core";
import type { Worker } from "@celeriac/worker";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { resize, score } from "./contracts.js";

export function startWorker(app: App): Worker {
  app.implement(score, (userId) => userId.length * 10);
  app.implement(resize, ({ src, width = 0 }) => ({ src, pixels: width * width }));
  return createWorker(app, { pool: asyncPool({ concurrency: 4 }) });
}
