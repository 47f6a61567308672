import type { App, ResultHandle, ResultMeta } from "@celeriac/core";
import { encodeJson, isReady, nearest } from "@celeriac/core";
import { CommandError, EXIT, type ExitCode } from "../exit-code.js";
import type { CommandContext } from "../settings/global-options.js";
import { withApp } from "../settings/with-app.js";
import { safeText } from "../terminal/safe-text.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ResultOptions } from "./result.js";

const PATIENCE_MS = 1500;

/** Prints a task's result; a failed task makes the command fail. */
export async function runResult(
  { globals, terminal }: CommandContext,
  id: string,
  options: ResultOptions,
): Promise<ExitCode> {
  return withApp(globals, async (app) => {
    checkTask(app, options.task);
    const handle = app.result(id);
    const looksOnly = options.traceback === true || options.timeout === 0;
    if (!looksOnly) await waitFor(handle, options, globals.quiet === true ? undefined : terminal);
    const meta = await handle.meta();
    if (options.json === true) terminal.print(jsonOf(id, meta));
    else if (options.traceback === true) terminal.print(safeText(meta?.traceback ?? "None"));
    else return show(handle, meta, terminal);
    return EXIT.ok;
  });
}

function checkTask(app: App, name: string | undefined): void {
  if (name === undefined || app.tasks.has(name)) return;
  const near = nearest(name, app.tasks.keys());
  throw new CommandError(`This app has no task "${name}".${near === undefined ? "" : ` Did you mean "${near}"?`}`);
}

/** Waits for the end, not for success: how it ended is read afterwards. */
async function waitFor(
  handle: ResultHandle<unknown>,
  { timeout }: ResultOptions,
  terminal: Terminal | undefined,
): Promise<void> {
  const remark = setTimeout(() => {
    terminal?.note(`Waiting: nothing is stored for ${handle.id} yet, or the id is unknown. Ctrl-C to stop.`);
  }, PATIENCE_MS);
  try {
    await handle.get(timeout === undefined ? {} : { timeout });
  } catch (error) {
    if (!isEnding(error)) throw error;
  } finally {
    clearTimeout(remark);
  }
}

function isEnding(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "TASK_FAILED" || error.code === "TASK_REVOKED");
}

async function show(
  handle: ResultHandle<unknown>,
  meta: ResultMeta | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  if (meta === undefined || !isReady(meta.status)) {
    throw new CommandError(`Task ${handle.id} has no result yet: ${meta?.status ?? "PENDING"}.`);
  }
  if (meta.status === "SUCCESS") {
    const { result } = meta;
    terminal.print(safeText(typeof result === "string" ? result : encodeJson(result)));
    return EXIT.ok;
  }
  const error: unknown = await handle.get().catch((reason: unknown) => reason);
  const { red } = terminal.errorColors;
  terminal.note(`${red(meta.status)} ${safeText(error instanceof Error ? error.message : String(error))}`);
  if (meta.traceback !== null) terminal.note("The traceback: celeriac result --traceback with the same options.");
  return EXIT.failed;
}

/** In Celery's names. */
function jsonOf(id: string, meta: ResultMeta | undefined): string {
  if (meta === undefined) return encodeJson({ task_id: id, status: "PENDING", result: null, traceback: null });
  return encodeJson({
    ...meta.extra,
    task_id: meta.taskId,
    status: meta.status,
    result: meta.result,
    traceback: meta.traceback,
    date_done: meta.dateDoneMs === null ? null : new Date(meta.dateDoneMs).toISOString(),
  });
}
