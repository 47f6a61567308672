import { readTaskRow, resultEntities, resultMigrations, sqlBackend } from "@celeriac/backend-sql";
import { DataSource } from "typeorm";

const { task, all } = resultEntities({ dialect: "postgres" });
const url = process.env.RESULTS_URL ?? "postgresql://localhost/results";
const source = new DataSource({ type: "postgres", url, entities: all, migrations: resultMigrations() });
await source.initialize();
await source.runMigrations();
const backend = sqlBackend(source, { createTables: false });
const rest = { traceback: null, children: [], dateDoneMs: Date.now() };
await backend.store({ taskId: "some-id", status: "SUCCESS", result: '"done"', ...rest });
const rows = await source.getRepository(task).find({ where: { status: "SUCCESS" }, order: { dateDone: "DESC" } });
for (const row of rows) console.log(row.taskId, readTaskRow(row)?.result); // some-id done
await backend[Symbol.asyncDispose](); // the DataSource stays open: it is yours
await source.destroy();
