import { ArgumentError } from "../errors/index.js";
import type { SchemaIssue, StandardSchema } from "./standard-schema.js";

/**
 * Checks `value` against a schema.
 * @param what - Names the value in the error: `input of task "img.resize"`.
 * @throws ArgumentError listing every issue with its path.
 */
export async function validate<O>(schema: StandardSchema<unknown, O>, value: unknown, what: string): Promise<O> {
  const answer = await schema["~standard"].validate(value);
  if (answer.issues === undefined) return answer.value;
  throw new ArgumentError(`The ${what} is not valid: ${answer.issues.map(describe).join("; ")}`);
}

/** Like `validate` for schemas that answer at once; a schema that answers later is left to the worker. */
export function validateNow(schema: StandardSchema, value: unknown, what: string): void {
  const answer = schema["~standard"].validate(value);
  if (answer instanceof Promise) {
    answer.catch(() => undefined);
    return;
  }
  if (answer.issues === undefined) return;
  throw new ArgumentError(`The ${what} is not valid: ${answer.issues.map(describe).join("; ")}`);
}

function describe(issue: SchemaIssue): string {
  const path = (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
