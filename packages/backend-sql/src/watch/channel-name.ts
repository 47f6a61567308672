import type { TableName } from "../options/table-names.js";

/** PostgreSQL's names end here. */
const MAX_BYTES = 63;

/**
 * The channel on which results of a table are announced: `celeriac.celery_taskmeta`. The payload is the task's id, never more:
 * who hears it reads the row. Two tables may share a channel when their names are long; that costs a look, nothing else.
 */
export function channelName(table: TableName): string {
  const name = ["celeriac", ...(table.schema === undefined ? [] : [table.schema]), table.name].join(".");
  return Buffer.from(name)
    .subarray(0, MAX_BYTES)
    .toString()
    .replace(/\u{fffd}+$/u, "");
}
