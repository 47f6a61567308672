import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("celery_peer.py", import.meta.url));

/** A Python with Celery: `CELERIAC_PYTHON`, else `python3` when it has Celery; `undefined` when there is none. */
export function findPython(): string | undefined {
  const candidates = [process.env.CELERIAC_PYTHON, "python3"].filter((candidate) => candidate !== undefined);
  return candidates.find((python) => {
    try {
      execFileSync(python, ["-c", "import celery"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs one command of `celery_peer.py` on the folder; resolves with what it printed, as JSON. */
export async function askPython(python: string, folder: string, command: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await run(python, [SCRIPT, folder, command, ...args]);
  return JSON.parse(stdout);
}
