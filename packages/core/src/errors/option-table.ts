/**
 * Reads options of an adapter that came from a configuration file under Celery's snake_case names, or from code in
 * camelCase, and finds everything that is wrong with them at once.
 * @module
 */
import { nearest } from "../settings/nearest.js";
import type { ConfigIssue } from "./config-error.js";

/** Says what is wrong: the words after "it must be", or `undefined`. */
export type Check = (value: unknown) => string | undefined;

/** `ignored` accepts a name that has no meaning here; a secret is not shown when it is wrong. */
export type OptionTable = Readonly<Record<string, Check | "ignored" | { readonly secret: Check }>>;

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Checks for the rows of a table. */
export const optionChecks: {
  readonly text: Check;
  /** A number above 0; the name of the option has the unit. */
  readonly duration: Check;
  readonly zeroOrMore: Check;
  /** A whole number above 0. */
  readonly count: Check;
  readonly flag: Check;
  readonly object: Check;
  readonly callback: Check;
  /** One of several words. */
  readonly oneOf: (...words: readonly string[]) => Check;
} = {
  text: (value) => (typeof value === "string" ? undefined : "text"),
  duration: (value) => (isNumber(value) && value > 0 ? undefined : "a number above 0"),
  zeroOrMore: (value) => (isNumber(value) && value >= 0 ? undefined : "a number from 0 up"),
  count: (value) => (Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "a whole number above 0"),
  flag: (value) => (typeof value === "boolean" ? undefined : "true or false"),
  object: (value) => (typeof value === "object" && !Array.isArray(value) ? undefined : "an object"),
  callback: (value) => (typeof value === "function" ? undefined : "a function"),
  oneOf:
    (...words) =>
    (value) =>
      words.some((word) => word === value) ? undefined : `one of ${words.join(", ")}`,
};

/** `visibility_timeout` becomes `visibilityTimeout`; camelCase stays. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

export interface CheckedOptions {
  /** The options that are right, in camelCase; absent and `null` ones are left out, ignored ones too. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly issues: readonly ConfigIssue[];
}

/** Sorts options into right and wrong ones by a table. Never throws: the issues are for a ConfigError. */
export function checkOptions(raw: Readonly<Record<string, unknown>>, table: OptionTable): CheckedOptions {
  const values: Record<string, unknown> = {};
  const issues: ConfigIssue[] = [];
  for (const [key, value] of Object.entries(raw)) {
    const name = camelCase(key);
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (row === undefined) issues.push({ key, message: `is no option here.${suggestion(name, Object.keys(table))}` });
    else if (row !== "ignored" && value !== undefined && value !== null) {
      const isSecret = typeof row === "object";
      const wanted = (isSecret ? row.secret : row)(value);
      if (wanted === undefined) values[name] = value;
      else issues.push({ key, message: `${isSecret ? "" : `is ${show(value)}; it `}must be ${wanted}.` });
    }
  }
  return { values, issues };
}

function show(value: unknown): string {
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? ` Known: ${known.join(", ")}.` : ` Did you mean ${near}?`;
}
