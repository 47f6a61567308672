import { BackendError } from "@celeriac/core/errors";

/**
 * Whether an id can be told from every other one in MongoDB: text with half a character in it cannot, since what is kept
 * is UTF-8. Anything else can, of any length that a message may have.
 * @param what - `task id` or `group id`.
 * @throws BackendError `BACKEND_REFUSED`, not retryable.
 */
export function checkId(what: string, id: string): void {
  const problem = /\p{Surrogate}/u.test(id)
    ? "contains half a character"
    : id.length > MAX_LENGTH
      ? `is longer than ${MAX_LENGTH} characters`
      : undefined;
  if (problem === undefined) return;
  const shown = JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}...` : id);
  throw new BackendError(`The ${what} ${shown} ${problem}; MongoDB cannot hold it.`, { code: "BACKEND_REFUSED" });
}

/** Thousands of ids go into one query, which is a document and ends at 16 MB. */
const MAX_LENGTH = 4_096;
