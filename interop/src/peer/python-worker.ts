import { once } from "node:events";
import type { PeerSettings } from "./child-process.js";
import { endProcess, OutputTail, spawnPython } from "./child-process.js";

export interface PythonWorkerOptions {
  readonly python: string;
  readonly settings: PeerSettings;
  readonly queues: readonly string[];
  /** Part of the node name before `@`. */
  readonly name: string;
  /** Default 2. */
  readonly concurrency?: number;
  /** Further arguments of `celery worker`. */
  readonly args?: readonly string[];
}

/** Celery's own worker, running. Disposing it is a warm shutdown. */
export interface PythonWorker extends AsyncDisposable {
  readonly hostname: string;
  /** All it has printed so far. */
  log(): string;
}

const START_MS = 30_000;

/** Runs `celery worker` with the interop tasks; resolves when it says that it is ready. */
export async function startPythonWorker(options: PythonWorkerOptions): Promise<PythonWorker> {
  const { python, settings, queues, name, concurrency = 2, args = [] } = options;
  const hostname = `${name}@python`;
  const command = ["-m", "celery", "-A", "celeriac_peer.app", "worker", "-n", hostname, "-Q", queues.join(",")];
  const child = spawnPython(python, [...command, "-c", String(concurrency), "-l", "INFO", ...args], settings);
  const output = new OutputTail(child);
  const late = AbortSignal.timeout(START_MS);
  const ready = await Promise.race([
    output.includes(" ready.").then(() => true),
    once(child, "exit").then(() => false),
    once(late, "abort").then(() => false),
  ]);
  if (!ready) {
    await endProcess(child);
    throw new Error(`The Python worker did not become ready:\n${output.text.slice(-4000)}`);
  }
  return {
    hostname,
    log: () => output.text,
    [Symbol.asyncDispose]: () => endProcess(child),
  };
}
