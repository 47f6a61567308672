import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("chord_peer.py", import.meta.url));

/** Whether a Python with Celery and its Redis client is there; says so once when not, and fails where it must be. */
export const hasCelery: boolean = (() => {
  if (spawnSync(PYTHON, ["-c", "import celery, redis"]).status === 0) return true;
  const reason = `no celery in "${PYTHON}": pip install "celery[redis]", or set CELERIAC_PYTHON`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return false;
})();

/** A completion as Celery's backend is told of it. */
export interface PythonPart {
  readonly group: string;
  readonly task: string;
  readonly index: number | null;
  readonly state: "SUCCESS" | "FAILURE";
  /** The value, or the message of the ValueError. */
  readonly result: unknown;
  /** Id of the chord's body. */
  readonly body: string;
}

/** A running `chord_peer.py`. One call at a time. */
export class ChordPeer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string, isOrdered: boolean) {
    const peer = spawn(PYTHON, [SCRIPT, url, isOrdered ? "yes" : "no"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process = peer;
    this.#lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  }

  /** Records; resolves with the lists with which bodies were sent. */
  async addPart(part: PythonPart): Promise<readonly unknown[]> {
    this.#process.stdin?.write(`${JSON.stringify(part)}\n`);
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error("the Python peer has ended");
    const sent: unknown = JSON.parse(value);
    return Array.isArray(sent) ? sent : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }
}
