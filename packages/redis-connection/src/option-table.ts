/**
 * Reads options that came from a configuration file under Celery's snake_case names, or from code in camelCase, and
 * finds everything that is wrong with them at once.
 * @module
 */
import type { ConfigIssue } from "@celeriac/core/errors";

/** What a value must be; `choice:a|b` lists the allowed words, `ignored` accepts a name that has no meaning here. */
export type OptionKind =
  | "text"
  | "seconds"
  | "milliseconds"
  | "count"
  | "flag"
  | "textOrFlag"
  | "steps"
  | "object"
  | "function"
  | "ignored"
  | `choice:${string}`;

export type OptionTable = Readonly<Record<string, OptionKind>>;

/** `visibility_timeout` becomes `visibilityTimeout`; camelCase stays. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

export interface CheckedOptions {
  /** The options that are right, in camelCase; absent and `null` ones are left out, ignored ones too. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly issues: readonly ConfigIssue[];
}

/** Sorts options into right and wrong ones by a table. Never throws. */
export function checkOptions(raw: Readonly<Record<string, unknown>>, table: OptionTable): CheckedOptions {
  const values: Record<string, unknown> = {};
  const issues: ConfigIssue[] = [];
  for (const [key, value] of Object.entries(raw)) {
    const name = camelCase(key);
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) issues.push({ key, message: `is no option here.${suggestion(name, Object.keys(table))}` });
    else if (kind !== "ignored" && value !== undefined && value !== null) {
      const wanted = problem(kind, value);
      if (wanted === undefined) values[name] = value;
      else issues.push({ key, message: `is ${show(value)}; it must be ${wanted}.` });
    }
  }
  return { values, issues };
}

function problem(kind: OptionKind, value: unknown): string | undefined {
  switch (kind) {
    case "text":
      return typeof value === "string" ? undefined : "text";
    case "seconds":
      return isPositive(value) ? undefined : "a number of seconds above 0";
    case "milliseconds":
      return isPositive(value) ? undefined : "a number of milliseconds above 0";
    case "count":
      return Number.isInteger(value) && isPositive(value) ? undefined : "a whole number above 0";
    case "flag":
      return typeof value === "boolean" ? undefined : "true or false";
    case "textOrFlag":
      return typeof value === "boolean" || typeof value === "string" ? undefined : "true, false or text";
    case "steps":
      return isSteps(value) ? undefined : "a list of rising whole numbers that starts with 0, such as [0, 3, 6, 9]";
    case "object":
      return typeof value === "object" && !Array.isArray(value) ? undefined : "an object";
    case "function":
      return typeof value === "function" ? undefined : "a function";
    default:
      return kind
        .slice("choice:".length)
        .split("|")
        .some((word) => word === value)
        ? undefined
        : `one of ${kind.slice("choice:".length).replaceAll("|", ", ")}`;
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isSteps(value: unknown): boolean {
  if (!Array.isArray(value) || value[0] !== 0) return false;
  return value.every((step, index) => Number.isInteger(step) && (index === 0 || step > value[index - 1]));
}

function show(value: unknown): string {
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.filter((candidate) => distance(name.toLowerCase(), candidate.toLowerCase()) <= 3);
  return near.length === 0 ? ` Known: ${known.join(", ")}.` : ` Did you mean ${near.join(" or ")}?`;
}

/** Levenshtein distance. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
