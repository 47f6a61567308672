import { DecodeError } from "@celeriac/core/errors";
import type { ResultTuple } from "@celeriac/core/ports";
import { decodeGroupMeta } from "@celeriac/core/protocol";
import { readGroupPickle } from "@celeriac/pickle";
import { readBytes, readText } from "../dialect/read-value.js";
import type { Row } from "../dialect/statement.js";
import { EXTRA_COLUMN } from "../tables/wanted-tables.js";

/**
 * A saved group out of its row: ours whole, one of Python's without a parent, which its pickle does not have.
 * @throws DecodeError `E_RESULT`
 */
export function decodeGroupRow(row: Row): ResultTuple | undefined {
  const whole = readText(row[EXTRA_COLUMN]);
  if (whole !== undefined) return decodeGroupMeta(whole);
  const pickle = readBytes(row.result);
  if (pickle === undefined) return undefined;
  try {
    return readGroupPickle(pickle);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DecodeError(`A saved group cannot be read: ${reason}`, { code: "E_RESULT", cause });
  }
}
