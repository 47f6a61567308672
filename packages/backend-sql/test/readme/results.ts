import { sqlBackend } from "@celeriac/backend-sql";

const backend = sqlBackend("db+sqlite:///results.db");
const seen = new Promise((resolve, reject) => {
  backend.watcher.watch("some-id", ({ status }) => resolve(status)).catch(reject);
});
const rest = { traceback: null, children: [], dateDoneMs: Date.now() };
await backend.store({ taskId: "some-id", status: "SUCCESS", result: '"done"', ...rest });
console.log(await seen); // SUCCESS
console.log((await backend.fetch("some-id"))?.result); // done
await backend.cleanup?.(86_400_000); // what celery.backend_cleanup does
await backend[Symbol.asyncDispose]();
