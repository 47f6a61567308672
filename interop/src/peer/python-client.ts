import { createInterface } from "node:readline";
import type { Deferred } from "@celeriac/core";
import { createDeferred } from "@celeriac/core";
import type { PeerSettings } from "./child-process.js";
import { endProcess, OutputTail, spawnPython } from "./child-process.js";

/** A request to the Python client; see `python/celeriac_peer/client.py` for what each understands. */
export interface PeerRequest {
  readonly do:
    | "send"
    | "many"
    | "hear"
    | "forget"
    | "chain"
    | "canvas"
    | "restore_group"
    | "result"
    | "watch"
    | "inspect"
    | "publish";
  readonly [key: string]: unknown;
}

/** A task's end as Python sees it. `value` is what `get()` gave, `raised` what it raised. */
export interface PeerOutcome {
  readonly id: string;
  readonly value?: unknown;
  readonly raised?: PeerError;
  readonly timeout?: true;
  readonly status: string;
  readonly traceback: string | null;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly parent?: string | null;
}

/** An exception as Python rebuilt it. */
export interface PeerError {
  readonly name: string;
  readonly module: string;
  /** Names of every class it is a kind of. */
  readonly bases: readonly string[];
  readonly args: readonly unknown[];
  readonly text: string;
}

/** A Python process that holds one Celery client for the life of a suite: importing Celery takes longer than a test. */
export interface PythonClient extends AsyncDisposable {
  /** Requests are answered one after the other. @throws Error with the words of the Python exception. */
  ask<Answer>(request: PeerRequest): Promise<Answer>;
}

/** Starts the client; nothing is sent before the first request. */
export function startPythonClient(python: string, settings: PeerSettings): PythonClient {
  const child = spawnPython(python, ["-m", "celeriac_peer.client"], settings);
  const output = new OutputTail(child);
  const waiting: Deferred<string>[] = [];
  if (child.stdout === null || child.stdin === null) throw new Error("The Python client has no pipes.");
  const { stdin } = child;
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(line));
  child.once("exit", () => {
    for (const item of waiting.splice(0)) item.reject(new Error(`The Python client ended:\n${output.text}`));
  });
  return {
    async ask<Answer>(request: PeerRequest): Promise<Answer> {
      const reply = createDeferred<string>();
      waiting.push(reply);
      stdin.write(`${JSON.stringify(request)}\n`);
      const answer: { readonly ok?: Answer; readonly error?: string } = JSON.parse(await reply.promise);
      if (answer.error !== undefined) throw new Error(`Python client, ${request.do}: ${answer.error}`);
      return answer.ok as Answer; // the shape is the client program's promise, which the tests check
    },
    [Symbol.asyncDispose]: () => {
      stdin.end();
      return endProcess(child);
    },
  };
}
