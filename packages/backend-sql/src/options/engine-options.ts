import { type ConfigIssue, checkOptions, type OptionTable, optionChecks } from "@celeriac/core/errors";

/** What SQLAlchemy's engine options come to here. */
export interface EngineOptions {
  /** Connections at most, SQLAlchemy's `pool_size` and `max_overflow` together. SQLite has one. */
  readonly poolSize: number;
  /** Age at which a connection is replaced, in milliseconds; `undefined` never does. PostgreSQL only. */
  readonly recycleMs: number | undefined;
  /** Whether typeorm logs every statement. */
  readonly echo: boolean;
  /** Handed to the driver as it is: `connect_args`, under the names of the Node driver. */
  readonly driver: Readonly<Record<string, unknown>>;
}

const { count, duration, flag, object, zeroOrMore } = optionChecks;

const TABLE: OptionTable = {
  poolSize: count,
  maxOverflow: zeroOrMore,
  poolRecycle: (value) => (value === -1 ? undefined : duration(value)),
  echo: flag,
  connectArgs: object,
  // Calls have a deadline of their own, and one on a dead connection is made again.
  poolTimeout: "ignored",
  poolPrePing: "ignored",
  poolUseLifo: "ignored",
  poolResetOnReturn: "ignored",
  echoPool: "ignored",
  hideParameters: "ignored",
  future: "ignored",
};

/** SQLAlchemy's own default. */
const POOL_SIZE = 5;
const OVERFLOW = 10;

/** What is wrong is added to `issues`. */
export function parseEngineOptions(given: Readonly<Record<string, unknown>>, issues: ConfigIssue[]): EngineOptions {
  const checked = checkOptions(given, TABLE);
  for (const issue of checked.issues) issues.push({ key: `engineOptions.${issue.key}`, message: issue.message });
  const { poolSize, maxOverflow, poolRecycle, echo, connectArgs } = checked.values;
  return {
    poolSize: numberOr(poolSize, POOL_SIZE) + numberOr(maxOverflow, OVERFLOW),
    recycleMs: typeof poolRecycle === "number" && poolRecycle > 0 ? poolRecycle * 1000 : undefined,
    echo: echo === true,
    driver: typeof connectArgs === "object" && connectArgs !== null ? { ...connectArgs } : {},
  };
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}
