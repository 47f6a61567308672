export type { SqlBackendFunction } from "./create-sql-backend.js";
export { createResultTables, sqlBackend } from "./create-sql-backend.js";
export type { ResultColumnForm, SqlBackendOptions } from "./options/backend-settings.js";
export type { TableNames, TableSchemas } from "./options/table-names.js";
