import { spawnSync } from "node:child_process";

/** An interpreter that can import Celery. */
export interface PythonInterpreter {
  readonly path: string;
  /** Such as `5.6.3`. */
  readonly celery: string;
  /** kombu 5.3 and later tag datetimes, decimals, UUIDs and bytes in JSON; older ones write plain text. */
  readonly hasTypedJson: boolean;
  /** Which of the libraries that result stores need it has, by the names they are imported by. */
  readonly modules: readonly string[];
}

/** What was looked for, or why it is not there. */
export type FoundPython = { readonly python: PythonInterpreter } | { readonly missing: string };

const PROGRAM = `
import importlib.util, celery, kombu, redis
stores = [name for name in ("sqlalchemy", "psycopg", "psycopg2", "pymongo") if importlib.util.find_spec(name)]
print(celery.__version__, kombu.VERSION[0], kombu.VERSION[1], *stores)
`;

/** Asks the interpreter named by `CELERIAC_PYTHON` for its Celery. */
export function findPython(env: NodeJS.ProcessEnv = process.env): FoundPython {
  const path = env.CELERIAC_PYTHON ?? "";
  if (path === "") return { missing: 'CELERIAC_PYTHON is not set (pnpm services up python, or "pnpm interop")' };
  const { status, stdout, stderr } = spawnSync(path, ["-c", PROGRAM], { encoding: "utf8" });
  const [celery, major = "0", minor = "0", ...modules] = (stdout ?? "").trim().split(" ");
  if (status !== 0 || celery === undefined) {
    return { missing: `${path} cannot import celery, kombu and redis: ${(stderr ?? "").trim().split("\n").at(-1)}` };
  }
  const hasTypedJson = Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 3);
  return { python: { path, celery, hasTypedJson, modules } };
}
