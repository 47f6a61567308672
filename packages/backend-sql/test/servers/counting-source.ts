import { DataSource, type Logger } from "typeorm";
import { planSource } from "./sql-server.js";

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
  return { source: new DataSource({ ...(await planSource(url)), logging: true, logger }), statements };
}
