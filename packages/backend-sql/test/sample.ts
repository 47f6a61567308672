import type { ResultBackend } from "@celeriac/core/ports";
import type { ResultRecord } from "@celeriac/core/protocol";
import { type SqlBackendOptions, sqlBackend } from "../src/index.js";
import type { TestDatabase } from "./servers/sql-server.js";

export function recordOf(
  taskId: string,
  status = "SUCCESS",
  value: unknown = 5,
  changes: Partial<ResultRecord> = {},
): ResultRecord {
  const dateDoneMs = status === "SUCCESS" || status === "FAILURE" ? Date.UTC(2026, 1, 2, 3, 4, 5, 678) : null;
  return { taskId, status, result: JSON.stringify(value), traceback: null, children: [], dateDoneMs, ...changes };
}

export const FAILURE = { exc_type: "E", exc_message: ["m"], exc_module: "builtins" };

/** Backends that are closed together. */
export class Backends implements AsyncDisposable {
  readonly #opened: ResultBackend[] = [];

  open(url: string | Parameters<typeof sqlBackend>[0], options: SqlBackendOptions = {}): ResultBackend {
    const backend = sqlBackend(url, options);
    this.#opened.push(backend);
    return backend;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
  }
}

/** Placeholders of a dialect: `$1` or `?`. */
export function mark(database: TestDatabase, position: number): string {
  return database.dialect === "postgres" ? `$${position}` : "?";
}

export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + 10_000;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`did not happen: ${String(check)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
