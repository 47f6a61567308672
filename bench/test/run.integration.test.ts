import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../dist/run.js", import.meta.url));
const server = process.env.CELERIAC_REDIS_SERVER ?? "redis-server";

async function reasonToSkip(): Promise<string | undefined> {
  if (!existsSync(program)) return "bench is not built: pnpm build";
  const found = await run(server, ["--version"]).catch(() => undefined);
  return found === undefined ? "no redis-server: install it or set CELERIAC_REDIS_SERVER" : undefined;
}

const reason = await reasonToSkip();
if (reason !== undefined && process.env.CI === "true") throw new Error(`bench cannot run: ${reason}`);
if (reason !== undefined) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("pnpm bench", () => {
  it("measures every workload beside its floor, so that no benchmark rots", async () => {
    const { stdout } = await run(process.execPath, [program, "--tasks", "300", "--reps", "1", "--trips", "30"]);
    for (const row of [
      "enqueue, 100 in flight  celeriac",
      "enqueue in bulk         celeriac",
      "drain with results      celeriac",
    ]) {
      expect(stdout).toContain(row);
    }
    expect(stdout).toMatch(/round trip +celeriac, acksLate +[\d.]+ ms +[\d.]+/);
  }, 60_000);
});
