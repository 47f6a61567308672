import { type CheckedOptions, checkOptions, type OptionTable, optionChecks } from "@celeriac/core/errors";

const { flag, text } = optionChecks;

/** What `tls` consists of: the names and types of `AmqpTls`. */
const TLS_TABLE: OptionTable = {
  verify: flag,
  checkHostname: flag,
  ca: text,
  cert: text,
  key: { secret: text },
  caFile: text,
  certFile: text,
  keyFile: text,
  serverName: text,
};

/**
 * Sorts options into right and wrong ones by a table, and looks into `tls`: a misspelled name there would connect with
 * another certificate than was meant.
 * @param table - `CONNECTION_OPTIONS`, and whatever an adapter has besides.
 */
export function checkConnectionOptions(raw: Readonly<Record<string, unknown>>, table: OptionTable): CheckedOptions {
  const { values, issues } = checkOptions(raw, table);
  const { tls, ...others } = values;
  if (typeof tls !== "object" || tls === null) return { values, issues };
  const inner = checkOptions({ ...tls }, TLS_TABLE);
  return {
    values: { ...others, tls: inner.values },
    issues: [...issues, ...inner.issues.map(({ key, message }) => ({ key: `tls.${key}`, message }))],
  };
}
