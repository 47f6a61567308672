import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { App } from "@celeriac/core";
import { SoftTimeLimitExceeded } from "@celeriac/core";
import { PREFIX } from "./suite-contracts.js";
import { ExpectedException, UnpickleableException, ValueError } from "./suite-errors.js";

/** Tasks of the suite that only compute, wait or fail. */
export function registerPlainTasks(app: App): void {
  app.task(`${PREFIX}.identity`, { params: ["x"] }, (x: unknown) => x);
  app.task(`${PREFIX}.add`, { params: ["x", "y", "z?"] }, (x: unknown, y: unknown, z?: unknown) =>
    z === undefined || z === null || z === 0 ? plus(x, y) : plus(plus(x, y), z),
  );
  app.task(`${PREFIX}.mul`, { params: ["x", "y"] }, (x: number, y: number) => x * y);
  app.task(`${PREFIX}.add_not_typed`, { params: ["x", "y"] }, (x: unknown, y: unknown) => plus(x, y));
  app.task(`${PREFIX}.add_ignore_result`, { ignoreResult: true, params: ["x", "y"] }, (x: number, y: number) => x + y);
  app.task(`${PREFIX}.write_to_file_and_return_int`, { params: ["file_name", "i"] }, (file: string, i: number) => {
    appendFileSync(file, `${i}\n`);
    return i;
  });
  for (const name of ["add_pydantic", "add_pydantic_string_annotations"]) {
    app.task(`${PREFIX}.${name}`, { params: ["data"] }, (data: { x: number; y: number }) => ({
      result: data.x + data.y,
    }));
  }
  app.task(`${PREFIX}.tsum`, { params: ["nums"] }, (nums: readonly number[]) => sum(nums));
  app.task(`${PREFIX}.xsum`, { params: ["nums"] }, (nums: readonly (number | readonly number[])[]) =>
    sum(nums.map((item) => (typeof item === "number" ? item : sum(item)))),
  );
  app.task(`${PREFIX}.return_exception`, { params: ["e"] }, (e: unknown) => [e, true]);
  app.task(`${PREFIX}.replaced_with_me`, () => true);
  app.task(`${PREFIX}.print_unicode`, { bind: true, params: ["log_message", "print_message"] }, printUnicode);
  registerWaiting(app);
  registerFailing(app);
}

function registerWaiting(app: App): void {
  app.task(`${PREFIX}.sleeping`, { params: ["i"] }, async (seconds: number) => {
    await pause(seconds * 1000);
    return null;
  });
  app.task(
    `${PREFIX}.delayed_sum`,
    { params: ["numbers", "pause_time"] },
    async (numbers: readonly number[], seconds: number = 1) => {
      await pause(seconds * 1000);
      return sum(numbers);
    },
  );
  app.task(
    `${PREFIX}.delayed_sum_with_soft_guard`,
    { bind: true, params: ["numbers", "pause_time"] },
    async ({ signal }, numbers: readonly number[], seconds: number = 1) => {
      try {
        await pause(seconds * 1000, undefined, { signal });
        return sum(numbers);
      } catch (error) {
        if (signal.reason instanceof SoftTimeLimitExceeded) return 0;
        throw error;
      }
    },
  );
}

function registerFailing(app: App): void {
  app.task(`${PREFIX}.raise_error`, (..._args: readonly unknown[]): never => {
    throw new ValueError("deliberate error");
  });
  app.task(`${PREFIX}.fail`, (...args: readonly unknown[]): never => {
    throw new ExpectedException("Task expected to fail", ...args);
  });
  app.task(`${PREFIX}.fail_unpickleable`, { params: ["foo", "bar"] }, (foo: unknown, _bar: unknown): never => {
    throw new UnpickleableException(foo);
  });
}

function printUnicode(
  { log }: { readonly log: { warn(fields: object, message: string): void } },
  logMessage = "håå®ƒ valmuefrø",
  printMessage = "hiöäüß",
): null {
  log.warn({}, logMessage);
  console.log(printMessage);
  return null;
}

/** Python's: numbers, texts and lists, each with its own kind only. */
function plus(x: unknown, y: unknown): unknown {
  if (typeof x === "number" && typeof y === "number") return x + y;
  if (typeof x === "string" && typeof y === "string") return x + y;
  if (Array.isArray(x) && Array.isArray(y)) return [...x, ...y];
  throw new TypeError(`unsupported operand types for +: ${typeof x} and ${typeof y}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, item) => total + item, 0);
}
