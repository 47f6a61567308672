import { DataSource, type Logger } from "typeorm";
import { createDataSource } from "../../src/connect/open-data-source.js";
import { parseSqlUrl } from "../../src/options/sql-url.js";

/** A DataSource of the caller's, not initialized, that writes down what it is asked. */
export interface CountingSource {
  readonly source: DataSource;
  readonly statements: string[];
}

export async function createCountingSource(url: string): Promise<CountingSource> {
  const statements: string[] = [];
  const ignore = (): void => undefined;
  const logger: Logger = {
    logQuery: (query) => void statements.push(query),
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
  const engine = { poolSize: 4, recycleMs: undefined, echo: false, driver: {} };
  const { options } = await createDataSource({ target: parseSqlUrl(url), engine, timeoutMs: 10_000 });
  return { source: new DataSource({ ...options, logging: true, logger }), statements };
}
