import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("sql_peer.py", import.meta.url));

function imports(modules: string): boolean {
  return spawnSync(PYTHON, ["-c", `import ${modules}`]).status === 0;
}

/** Whether a Python with Celery's SQL store is there; says so once when not, and fails where it must be. */
export const hasSqlCelery: boolean = (() => {
  if (imports("celery, sqlalchemy, pymysql") && (imports("psycopg") || imports("psycopg2"))) return true;
  const reason = `no celery, sqlalchemy, pymysql and psycopg in "${PYTHON}": pip install them, or set CELERIAC_PYTHON`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return false;
})();

/** The same database as Python names it. */
function pythonUrl(url: string): string {
  const postgres = imports("psycopg") ? "postgresql+psycopg:" : "postgresql+psycopg2:";
  return `db+${url.replace(/^postgresql:/, postgres).replace(/^mysql:/, "mysql+pymysql:")}`;
}

/** A running `sql_peer.py`. One call at a time. */
export class SqlPeer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string) {
    const peer = spawn(PYTHON, [SCRIPT, pythonUrl(url)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process = peer;
    this.#lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  }

  async ask(order: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error("the Python peer has ended");
    const answer: unknown = JSON.parse(value);
    return typeof answer === "object" && answer !== null ? { ...answer } : {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }
}
