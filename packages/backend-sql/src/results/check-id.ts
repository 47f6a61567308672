import { BackendError } from "@celeriac/core/errors";
import { ID_LENGTH } from "../tables/wanted-tables.js";

/**
 * Whether Celery's columns can hold an id: 155 characters, none of them NUL or half of one. The same everywhere, though
 * SQLite would take more: a result must not depend on where it is kept.
 * @param what - `task id` or `group id`.
 * @throws BackendError `BACKEND_REFUSED`, not retryable.
 */
export function checkId(what: string, id: string): void {
  const problem = problemOf(id);
  if (problem === undefined) return;
  const shown = JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}...` : id);
  throw new BackendError(`The ${what} ${shown} ${problem}; Celery's tables cannot hold it.`, {
    code: "BACKEND_REFUSED",
  });
}

function problemOf(id: string): string | undefined {
  // A character is one or two units.
  if (id.length > ID_LENGTH && [...id].length > ID_LENGTH) return `is longer than ${ID_LENGTH} characters`;
  if (id.includes("\0")) return "contains a NUL";
  return /\p{Surrogate}/u.test(id) ? "contains half a character" : undefined;
}

/** Text for a column of limited width that only informs: what does not fit is cut off. NUL becomes U+FFFD. */
export function fitText(text: string, length: number): string {
  const clean = cleanText(text);
  return clean.length > length ? [...clean].slice(0, length).join("") : clean;
}

/** Text as every database takes it: PostgreSQL has no NUL, and none has half a character. */
export function cleanText(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\u{fffd}");
}
