/**
 * Reads options that came from a configuration file under Celery's snake_case names, or from code in camelCase, and
 * finds everything that is wrong with them at once.
 * @module
 */
import type { ConfigIssue } from "@celeriac/core/errors";

/** Says what is wrong: the words after "it must be", or `undefined`. */
export type Check = (value: unknown) => string | undefined;

/** `ignored` accepts a name that has no meaning here. */
export type OptionTable = Readonly<Record<string, Check | "ignored">>;

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

export const text: Check = (value) => (typeof value === "string" ? undefined : "text");
export const duration: Check = (value) => (isNumber(value) && value > 0 ? undefined : "a number above 0");
export const zeroOrMore: Check = (value) => (isNumber(value) && value >= 0 ? undefined : "a number from 0 up");
export const object: Check = (value) => (typeof value === "object" && !Array.isArray(value) ? undefined : "an object");
export const flag: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");
export const callback: Check = (value) => (typeof value === "function" ? undefined : "a function");

/** One of several words. */
export function oneOf(...words: readonly string[]): Check {
  return (value) => (words.some((word) => word === value) ? undefined : `one of ${words.join(", ")}`);
}

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
    const check = Object.hasOwn(table, name) ? table[name] : undefined;
    if (check === undefined) issues.push({ key, message: `is no option here.${suggestion(name, Object.keys(table))}` });
    else if (check !== "ignored" && value !== undefined && value !== null) {
      const wanted = check(value);
      if (wanted === undefined) values[name] = value;
      else issues.push({ key, message: `is ${show(value)}; it must be ${wanted}.` });
    }
  }
  return { values, issues };
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
