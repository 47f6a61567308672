import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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

/** Runs the `celery` program on the folder; resolves with what it printed. */
export async function runCelery(python: string, folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(python, [SCRIPT, folder, "celery", ...args]);
  return stdout;
}

/** A real Celery worker on the folder; disposing stops it. */
export function startPythonWorker(python: string, folder: string): AsyncDisposable {
  const worker: ChildProcess = spawn(python, [SCRIPT, folder, "worker"], { stdio: "ignore" });
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      if (worker.exitCode !== null) return;
      const gone = once(worker, "exit");
      worker.kill("SIGKILL");
      await gone;
    },
  };
}
