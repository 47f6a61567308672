import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Settings of a Python peer, by Celery's lower-case names. */
export type PeerSettings = Readonly<Record<string, unknown>>;

/** The folder that holds the Python package of the suites; the same from `src` and from `dist`. */
const PYTHON_FOLDER: string = fileURLToPath(new URL("../../python/", import.meta.url));

/** How long a peer may take to end by itself. */
const STOP_MS = 10_000;

/** Starts Python with our package on its path and the settings of the peer in its environment. */
export function spawnPython(path: string, args: readonly string[], settings: PeerSettings): ChildProcess {
  return spawn(path, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      PYTHONPATH: PYTHON_FOLDER,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      CELERIAC_PEER_CONF: JSON.stringify(settings),
    },
  });
}

/** Sends SIGTERM, and SIGKILL to one that does not listen. Resolves when the process is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(timer);
}

/** Collects what a process prints, for messages about it. */
export class OutputTail {
  #text = "";
  readonly #listeners = new Set<() => void>();

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#text += chunk.toString("utf8");
        for (const listener of this.#listeners) listener();
      });
    }
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves once `text` has been printed. */
  includes(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.#text.includes(text)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }
}
