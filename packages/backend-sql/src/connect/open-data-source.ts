import { DataSource, type DataSourceOptions } from "typeorm";
import type { EngineOptions } from "../options/engine-options.js";
import type { SqlTarget } from "../options/sql-url.js";
import { loadDriver } from "./load-driver.js";
import { UrlQuery } from "./url-query.js";

export interface OpenDataSourceOptions {
  readonly target: SqlTarget;
  readonly engine: EngineOptions;
  /** Longest wait for a connection. */
  readonly timeoutMs: number;
}

/**
 * A DataSource of our own, not connected yet.
 * @throws ConfigError when the driver is missing, or the URL has parameters that mean nothing.
 */
export async function createDataSource(options: OpenDataSourceOptions): Promise<DataSource> {
  const driver = await loadDriver(options.target.dialect);
  return new DataSource(PLANS[options.target.dialect](options, driver));
}

const PLANS: Readonly<
  Record<SqlTarget["dialect"], (options: OpenDataSourceOptions, driver: unknown) => DataSourceOptions>
> = { postgres: planPostgres, mysql: planMysql, sqlite: planSqlite };

function planPostgres({ target, engine, timeoutMs }: OpenDataSourceOptions, driver: unknown): DataSourceOptions {
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
  const ssl = postgresTls(query);
  query.ignore("client_encoding", "gssencmode", "target_session_attrs");
  query.end();
  return {
    type: "postgres",
    driver,
    ...presentOf({ host, port, username: target.username, password: target.password, database: target.database }),
    ...(ssl === undefined ? {} : { ssl }),
    applicationName,
    extra,
    installExtensions: false,
    logging: engine.echo,
    // A connection that dies in the pool is replaced; who needs it hears of its own failure.
    poolErrorHandler: () => undefined,
  };
}

/** What libpq makes of `sslmode`; without a certificate, `require` encrypts and trusts anybody. */
function postgresTls(query: UrlQuery): object | undefined {
  const mode = query.take("sslmode");
  const ca = query.file("sslrootcert");
  const pair = presentOf({ cert: query.file("sslcert"), key: query.file("sslkey") });
  if (mode === undefined || mode === "disable" || mode === "allow" || mode === "prefer") return undefined;
  if (mode === "verify-full") return { rejectUnauthorized: true, ...presentOf({ ca }), ...pair };
  const isChecked = mode === "verify-ca" || ca !== undefined;
  return { rejectUnauthorized: isChecked, ...presentOf({ ca }), ...pair, checkServerIdentity: () => undefined };
}

function planMysql({ target, engine, timeoutMs }: OpenDataSourceOptions, driver: unknown): DataSourceOptions {
  const query = new UrlQuery(target.query);
  const socketPath = query.take("unix_socket");
  const tls = presentOf({ ca: query.file("ssl_ca"), cert: query.file("ssl_cert"), key: query.file("ssl_key") });
  const wait = query.number("connect_timeout");
  query.ignore("charset", "use_unicode", "binary_prefix", "local_infile");
  query.end();
  return {
    type: "mysql",
    driver,
    ...presentOf({ host: target.host, port: target.port, username: target.username, password: target.password }),
    ...presentOf({ database: target.database, socketPath }),
    ...(Object.keys(tls).length === 0 ? {} : { ssl: tls }),
    charset: "utf8mb4_general_ci",
    timezone: "Z",
    connectTimeout: wait === undefined ? timeoutMs : wait * 1000,
    logging: engine.echo,
    extra: { connectionLimit: engine.poolSize, enableKeepAlive: true, ...engine.driver },
  };
}

function planSqlite({ target, engine, timeoutMs }: OpenDataSourceOptions, driver: unknown): DataSourceOptions {
  const query = new UrlQuery(target.query);
  const wait = query.number("timeout");
  query.ignore("check_same_thread");
  query.end();
  return {
    type: "better-sqlite3",
    driver,
    database: target.database ?? ":memory:",
    // Nothing else of this process runs while SQLite waits for another process.
    timeout: Math.min(wait === undefined ? 1000 : wait * 1000, timeoutMs),
    logging: engine.echo,
    ...engine.driver,
  };
}

/** Without what is undefined. */
function presentOf<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const present: { [Key in keyof T]?: Exclude<T[Key], undefined> } = {};
  for (const key of Object.keys(values) as (keyof T)[]) {
    const value = values[key];
    // Of the type by what has just been asked.
    if (value !== undefined) present[key] = value as Exclude<T[typeof key], undefined>;
  }
  return present;
}
