/**
 * The worker of a chord measurement: `node chord-worker.js floor|async|prefork <url> <queue>`. Tells its parent when it
 * serves; ends with it.
 * @module
 */
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { prefork } from "@celeriac/worker/prefork";
import { serveChords } from "./floor/chord.js";
import { createChordApp } from "./ours/chord.js";

const [role, url = "", queue = ""] = process.argv.slice(2);
process.on("disconnect", () => process.exit(0));
if (role === "floor") {
  process.send?.("ready");
  await serveChords(url, queue);
}
const module = new URL("./ours/chord.js", import.meta.url).href;
const pool =
  role === "prefork"
    ? prefork({ app: { module, exportName: "createChildApp", argument: { url, queue } }, concurrency: 2 })
    : asyncPool({ concurrency: 100 });
const worker = createWorker(createChordApp(url, queue), { pool, remoteControl: false });
await worker.start();
process.send?.("ready");
await worker.run();
