import { BackendError } from "@celeriac/core/errors";

/** Compares the leading numbers: `10.11.19-MariaDB` with `[10, 3]`. */
export function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const numbers = (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number);
  for (const [index, least] of wanted.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}

/** A server that cannot do what results need, such as inserting or updating in one step. */
export function refuseVersion(version: string, least: string): BackendError {
  return new BackendError(`${version} is too old to keep results: at least ${least} is needed.`, {
    code: "BACKEND_REFUSED",
  });
}
