import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("celery_peer.py", import.meta.url));

/** A Python with Celery and pymongo: `CELERIAC_PYTHON`, else `python3` when it has them; `undefined` when there is none. */
export function findPython(): string | undefined {
  const candidates = [process.env.CELERIAC_PYTHON, "python3"].filter((candidate) => candidate !== undefined);
  return candidates.find((python) => {
    try {
      execFileSync(python, ["-c", "import celery, pymongo"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

export interface PythonPeer {
  readonly python: string;
  readonly url: string;
  /** Names of collections, and under `conf` settings of Celery. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Runs one command of `celery_peer.py`; resolves with what it printed, as JSON. */
export async function askPython(peer: PythonPeer, command: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(peer.python, [SCRIPT, peer.url, JSON.stringify(peer.settings), command, ...args]);
  return JSON.parse(stdout);
}
