import type { Pool } from "../../src/pool/pool.js";

/** The pool with another way to run. */
export function wrapPool(pool: Pool, run: Pool["run"]): Pool {
  return {
    kind: pool.kind,
    slots: pool.slots,
    start: (context) => pool.start(context),
    run,
    abort: (reason) => pool.abort(reason),
    terminate: (taskId) => pool.terminate(taskId),
    info: () => pool.info(),
    pidOf: (taskId) => pool.pidOf(taskId),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
