import { connect } from "./sql-server.js";

/** Somebody who has read a table in a transaction that goes on, such as a dump: nobody can change the table meanwhile. */
export async function openReader(url: string, table: string): Promise<AsyncDisposable> {
  const source = await connect(url);
  const runner = source.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`SELECT COUNT(*) FROM ${table}`);
  return {
    async [Symbol.asyncDispose]() {
      await runner.rollbackTransaction();
      await runner.release();
      await source.destroy();
    },
  };
}
