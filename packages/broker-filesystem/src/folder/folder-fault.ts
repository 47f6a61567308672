import { BrokerError, CeleriacError } from "@celeriac/core/errors";

/** The code of a system error: `ENOENT`, `EACCES`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Whether a file or folder was not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

/** Answers that will be the same until somebody does something about them. */
const REFUSALS = new Set(["EACCES", "EPERM", "EROFS", "ENAMETOOLONG", "ENOTDIR", "EISDIR", "EINVAL"]);

/** A system error as the port's error. A full disk is worth another try, missing rights are not. */
export function folderFault(action: string, error: unknown): CeleriacError {
  if (error instanceof CeleriacError) return error;
  const code = systemCode(error) ?? "an unknown error";
  const isRefusal = REFUSALS.has(code);
  return new BrokerError(`Cannot ${action}: ${error instanceof Error ? error.message : String(error)}`, {
    code: isRefusal || code === "ENOSPC" || code === "EDQUOT" ? "BROKER_REFUSED" : "BROKER_UNAVAILABLE",
    retryable: !isRefusal,
    cause: error,
  });
}
