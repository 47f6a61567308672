import { ConfigError } from "@celeriac/core/errors";
import type { DataSource } from "typeorm";
import type { Dialect } from "../dialect/dialect.js";
import { DIALECTS } from "../dialect/dialect-table.js";

/** @throws ConfigError for a database that is none of ours. */
export function dialectOf(source: DataSource): Dialect {
  switch (source.options.type) {
    case "postgres":
      return DIALECTS.postgres;
    case "mysql":
    case "mariadb":
      return DIALECTS.mysql;
    case "better-sqlite3":
      return DIALECTS.sqlite;
    default: {
      const message = `is a DataSource of type "${source.options.type}"; results go to postgres, mysql, mariadb and better-sqlite3.`;
      throw new ConfigError([{ key: "backend", message }]);
    }
  }
}
