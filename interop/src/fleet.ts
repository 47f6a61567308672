/**
 * A mixed fleet for one suite: a Python worker on queue `py`, ours on queue `ts`, a client of each kind, one transport.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App, LogEntry } from "@celeriac/core";
import { createLogger } from "@celeriac/core";
import type { Worker } from "@celeriac/worker";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { createInteropApp } from "./interop-app.js";
import type { PeerSettings } from "./peer/child-process.js";
import { findPython } from "./peer/find-python.js";
import type { PythonClient } from "./peer/python-client.js";
import { startPythonClient } from "./peer/python-client.js";
import type { PythonWorker } from "./peer/python-worker.js";
import { startPythonWorker } from "./peer/python-worker.js";
import type { Transport } from "./stage/transport.js";
import { openTransport } from "./stage/transport.js";
import type { TransportKind } from "./stage/transport-kinds.js";

export interface FleetOptions {
  /** Default `redis`. */
  readonly transport?: TransportKind;
  /** Celery settings for both sides. */
  readonly settings?: PeerSettings;
  /** Queues of the Python worker; none starts no worker. Default `py`. */
  readonly pythonQueues?: readonly string[];
  /** Queues of our worker; none starts no worker. Default `ts`. */
  readonly ourQueues?: readonly string[];
  /** Slots of each worker. Default 4. */
  readonly concurrency?: number;
}

export interface Fleet extends AsyncDisposable {
  /** Our app: client and worker. */
  readonly app: App;
  readonly client: PythonClient;
  readonly pythonWorker: PythonWorker | undefined;
  readonly worker: Worker | undefined;
  /** Path of the interpreter. */
  readonly python: string;
  /** What Python is configured with. */
  readonly settings: PeerSettings;
  readonly transport: Transport;
  /** What our side logged from `warn` up. */
  readonly log: readonly LogEntry[];
  /** Path of a file that ledger tasks write to. */
  ledger(name: string): string;
}

/** Starts everything. A failed start stops what already ran. */
export async function openFleet(options: FleetOptions = {}): Promise<Fleet> {
  const { pythonQueues = ["py"], ourQueues = ["ts"], concurrency = 4 } = options;
  const found = findPython();
  if ("missing" in found) throw new Error(found.missing);
  const python = found.python.path;
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part[Symbol.asyncDispose]();
  };
  const keep = <T extends AsyncDisposable>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), "celeriac-interop-"));
    keep({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const transport = keep(await openTransport(options.transport ?? "redis", folder));
    const settings: PeerSettings = { ...transport.settings, ...options.settings };
    const log: LogEntry[] = [];
    const app = keep(createInteropApp(settings, createLogger({ level: "warn", sink: (entry) => log.push(entry) })));
    const worker = ourQueues.length === 0 ? undefined : keep(createOurWorker(app, ourQueues, concurrency));
    const starting = pythonQueues.length === 0 ? undefined : startPeer(python, settings, pythonQueues, concurrency);
    const [started, ours] = await Promise.allSettled([starting, worker?.start()]);
    const pythonWorker = started.status === "fulfilled" ? started.value : undefined;
    if (pythonWorker !== undefined) keep(pythonWorker);
    for (const side of [started, ours]) if (side.status === "rejected") throw side.reason;
    const client = keep(startPythonClient(python, settings));
    const ledger = (name: string): string => join(folder, `${name}.ledger`);
    return {
      app,
      client,
      pythonWorker,
      worker,
      python,
      settings,
      transport,
      log,
      ledger,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The lines of a ledger so far. */
export async function readLedger(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

function startPeer(
  python: string,
  settings: PeerSettings,
  queues: readonly string[],
  concurrency: number,
): Promise<PythonWorker> {
  return startPythonWorker({ python, settings, queues, name: "peer", concurrency, args: ["-P", "threads"] });
}

function createOurWorker(app: App, queues: readonly string[], concurrency: number): Worker {
  return createWorker(app, { queues, pool: asyncPool({ concurrency }), hostname: "celeriac@typescript" });
}
