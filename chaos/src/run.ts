/**
 * `pnpm chaos`: runs fault scenarios and reports. Exit code 0: all promises held (with `--plant`: the planted fault was
 * caught), 1: not, 2: it could not run.
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRedisServer } from "./driver/redis-server.js";
import type { RunOptions } from "./driver/run-options.js";
import { parseRunOptions, USAGE } from "./driver/run-options.js";
import { runScenario } from "./driver/run-scenario.js";
import { conclude, headline, plantedIn } from "./driver/summary.js";

const BUILT = ["@celeriac/core", "@celeriac/worker/prefork-child", "@celeriac/broker-redis", "@celeriac/backend-redis"];

// Workers and publisher end when their channel to this process closes; the server is ended on exit.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(2));

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function main(words: readonly string[]): Promise<number> {
  const missing = BUILT.filter((name) => !existsSync(fileURLToPath(import.meta.resolve(name))));
  if (missing.length > 0) throw new Error(`Not built: ${missing.join(", ")}. Run "npx pnpm@10.34.8 build" first.`);
  const redisBinary = findRedisServer(process.env);
  const place = { dir: "", redisBinary: redisBinary ?? "", seed: Math.floor(Date.now() / 1000) % 100_000 };
  const asked = parseRunOptions(words, place);
  if (asked === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (redisBinary === undefined) {
    throw new Error("No redis-server: set CELERIAC_REDIS_SERVER to the binary, or put redis-server on PATH.");
  }
  const options = { ...asked, dir: mkdtempSync(join(tmpdir(), "celeriac-chaos-")) };
  const ok = await runAll(options);
  if (ok && !options.keep) rmSync(options.dir, { recursive: true, force: true });
  else process.stdout.write(`Ledgers, logs and verdicts: ${options.dir}\n`);
  return ok ? 0 : 1;
}

async function runAll(options: RunOptions): Promise<boolean> {
  const lines: string[] = [];
  let ok = true;
  for (const scenario of options.scenarios) {
    const isChords = scenario.load === "chords";
    const load = isChords ? `${options.chords} chords of ${options.headers}` : `${options.tasks} tasks`;
    const spoilt = isChords ? "three chords spoilt on purpose" : `one in ${options.plantEvery} dropped on purpose`;
    const planted = options.plantEvery > 0 ? `, ${spoilt}` : "";
    process.stdout.write(
      `\n${scenario.name}: ${scenario.title}; ${load}, ${options.workers} workers x ${options.slots}, seed ${options.seed}${planted}\n`,
    );
    const run = await runScenario(scenario, options);
    const conclusion = conclude(run, options);
    ok &&= conclusion.ok;
    process.stdout.write(`${run.judgement.table}\n  worker lives: ${run.lives}\n`);
    for (const reason of conclusion.reasons) process.stdout.write(`  ! ${reason}\n`);
    const caught =
      options.plantEvery > 0 && conclusion.ok ? ` · planted ${plantedIn(run, options).length}, all caught` : "";
    lines.push(`${conclusion.ok ? "ok  " : "FAIL"} ${headline(run)}${caught}`);
  }
  process.stdout.write(`\n${lines.join("\n")}\n`);
  return ok;
}
