import { setMaxListeners } from "node:events";
import type { Screen } from "../screen/screen.js";
import { Stage } from "../stage/stage.js";
import type { WorkerLog } from "../stage/worker-messages.js";
import type { Check } from "./check.js";
import { checks } from "./checks.js";

/** A run takes about 5 s; a busy machine may take its time, a hang may not. */
const DEADLINE_MS = 40_000;

interface Verdict {
  readonly name: string;
  readonly error: unknown;
}

/** Runs every check and says so. @returns the exit code: 0 when all hold. */
export async function runChecks(screen: Screen, stop: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const verdicts: Verdict[] = [];
  const logs: WorkerLog[] = [];
  try {
    const stage = await Stage.open((line) => logs.push(line));
    const late = AbortSignal.timeout(DEADLINE_MS);
    const signal = AbortSignal.any([stop, late]);
    setMaxListeners(0, signal); // every wait listens to it, all at once
    try {
      verdicts.push(...(await Promise.all(checks.map((check) => judge(check, stage, signal)))));
    } finally {
      await stage[Symbol.asyncDispose]();
    }
    const leftover = stage.isClean ? undefined : new Error("the worker was not gone, or its folder was not");
    verdicts.push({ name: "nothing is left behind", error: leftover });
  } catch (error) {
    verdicts.push({ name: "the worker starts and stops", error });
  }
  return report(screen, verdicts, logs, performance.now() - startedAt);
}

async function judge(check: Check, stage: Stage, signal: AbortSignal): Promise<Verdict> {
  try {
    await check.run(stage, signal);
    return { name: check.name, error: undefined };
  } catch (error) {
    return { name: check.name, error };
  }
}

function report(screen: Screen, verdicts: readonly Verdict[], logs: readonly WorkerLog[], tookMs: number): number {
  for (const { name, error } of verdicts) {
    screen.line(`${error === undefined ? "ok    " : "FAILED"} ${name}`);
    if (error !== undefined) screen.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const failed = verdicts.filter(({ error }) => error !== undefined).length;
  if (failed > 0) {
    screen.line("What the worker said:");
    for (const { level, message, fields } of logs) screen.line(`  ${level} ${message} ${JSON.stringify(fields)}`);
  }
  const count = failed === 0 ? `passed, ${verdicts.length}` : `FAILED, ${failed} of ${verdicts.length}`;
  screen.line(`demo: ${count} checks in ${(tookMs / 1000).toFixed(1)} s`);
  return failed === 0 ? 0 : 1;
}
