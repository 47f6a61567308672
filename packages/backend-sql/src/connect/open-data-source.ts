import { DataSource, type DataSourceOptions } from "typeorm";
import type { EngineOptions } from "../options/engine-options.js";
import type { SqlTarget } from "../options/sql-url.js";
import { loadDriver } from "./load-driver.js";
import { planMysqlTls } from "./mysql-tls.js";
import { isOtherKindWanted, planPostgresTls } from "./postgres-tls.js";
import { presentOf } from "./present-of.js";
import { UrlQuery } from "./url-query.js";

export interface OpenDataSourceOptions {
  readonly target: SqlTarget;
  readonly engine: EngineOptions;
  /** Longest wait for a connection. */
  readonly timeoutMs: number;
  /** Hears of what is unsafe. */
  readonly onWarning: (message: string) => void;
}

/**
 * A DataSource of our own, connected.
 * @throws ConfigError when the driver is missing, or the URL has parameters that mean nothing; the error of the driver.
 */
export async function openDataSource(options: OpenDataSourceOptions): Promise<DataSource> {
  const sources = await createDataSources(options);
  for (const [index, source] of sources.entries()) {
    try {
      return await source.initialize();
    } catch (error) {
      if (index === sources.length - 1 || !isOtherKindWanted(error)) throw error;
    }
  }
  throw new RangeError("There is no way to connect.");
}

/**
 * DataSources of our own, not connected yet, in the order in which to try them: PostgreSQL's may differ in encryption.
 * @throws ConfigError as `openDataSource`.
 */
export async function createDataSources(options: OpenDataSourceOptions): Promise<readonly DataSource[]> {
  const driver = await loadDriver(options.target.dialect);
  return PLANS[options.target.dialect](options, driver).map((plan) => new DataSource(plan));
}

type Plan = (options: OpenDataSourceOptions, driver: unknown) => readonly DataSourceOptions[];

const PLANS: Readonly<Record<SqlTarget["dialect"], Plan>> = {
  postgres: planPostgres,
  mysql: planMysql,
  sqlite: planSqlite,
};

function planPostgres(options: OpenDataSourceOptions, driver: unknown): readonly DataSourceOptions[] {
  const { target, engine, timeoutMs, onWarning } = options;
  const query = new UrlQuery(target.query);
  const host = target.host ?? query.take("host");
  const port = target.port ?? query.number("port");
  const wait = query.number("connect_timeout");
  const flags = query.take("options");
  const extra = {
    max: engine.poolSize,
    keepAlive: true,
    connectionTimeoutMillis: wait === undefined ? timeoutMs : wait * 1000,
    ...(engine.recycleMs === undefined ? {} : { maxLifetimeSeconds: Math.ceil(engine.recycleMs / 1000) }),
    ...(flags === undefined ? {} : { options: flags }),
    ...engine.driver,
  };
  const applicationName = query.take("application_name") ?? "celeriac";
  const { tries, warning } = planPostgresTls(query, host);
  query.ignore("client_encoding", "gssencmode", "target_session_attrs");
  query.end();
  if (warning !== undefined) onWarning(warning);
  return tries.map((ssl) => ({
    type: "postgres",
    driver,
    ...presentOf({ host, port, username: target.username, password: target.password, database: target.database }),
    ssl,
    applicationName,
    extra,
    installExtensions: false,
    logging: engine.echo,
    // A connection that dies in the pool is replaced; who needs it hears of its own failure.
    poolErrorHandler: () => undefined,
  }));
}

function planMysql(
  { target, engine, timeoutMs }: OpenDataSourceOptions,
  driver: unknown,
): readonly DataSourceOptions[] {
  const query = new UrlQuery(target.query);
  const socketPath = query.take("unix_socket");
  const ssl = planMysqlTls(query, target.host);
  const wait = query.number("connect_timeout");
  query.ignore("charset", "use_unicode", "binary_prefix", "local_infile");
  query.end();
  return [
    {
      type: "mysql",
      driver,
      ...presentOf({ host: target.host, port: target.port, username: target.username, password: target.password }),
      ...presentOf({ database: target.database, socketPath }),
      ...presentOf({ ssl }),
      charset: "utf8mb4_general_ci",
      timezone: "Z",
      connectTimeout: wait === undefined ? timeoutMs : wait * 1000,
      logging: engine.echo,
      extra: { connectionLimit: engine.poolSize, enableKeepAlive: true, ...engine.driver },
    },
  ];
}

function planSqlite(
  { target, engine, timeoutMs }: OpenDataSourceOptions,
  driver: unknown,
): readonly DataSourceOptions[] {
  const query = new UrlQuery(target.query);
  const wait = query.number("timeout");
  query.ignore("check_same_thread");
  query.end();
  return [
    {
      type: "better-sqlite3",
      driver,
      database: target.database ?? ":memory:",
      // Nothing else of this process runs while SQLite waits for another process.
      timeout: Math.min(wait === undefined ? 1000 : wait * 1000, timeoutMs),
      logging: engine.echo,
      ...engine.driver,
    },
  ];
}
