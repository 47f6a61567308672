import type { ConfigIssue } from "@celeriac/core";
import { ConfigError } from "@celeriac/core";

/**
 * Gathers what is wrong with a configuration from several places, so that all of it is reported at once. Errors of other
 * kinds join the report when there already is one, and pass through otherwise.
 */
export class ConfigProblems {
  readonly #issues: ConfigIssue[] = [];
  #other: { readonly label: string; readonly error: unknown } | undefined;

  /** Runs a step; `undefined` when it found problems. */
  async collect<T>(label: string, step: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      const issues = issuesOf(error);
      if (issues !== undefined) this.#issues.push(...issues);
      else this.#other ??= { label, error };
      return undefined;
    }
  }

  /** @throws ConfigError with every problem, or the only error that is none. */
  throwIfAny(): void {
    if (this.#issues.length === 0) {
      if (this.#other !== undefined) throw this.#other.error;
      return;
    }
    const { label, error } = this.#other ?? {};
    const extra = label === undefined ? [] : [{ key: label, message: messageOf(error).replaceAll("\n", "\n  ") }];
    throw new ConfigError([...this.#issues, ...extra]);
  }
}

/** The problems of a ConfigError, recognised by its code: the app may use another copy of core. */
export function issuesOf(error: unknown): readonly ConfigIssue[] | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, issues } = error as Readonly<Record<string, unknown>>;
  return code === "CONFIG_INVALID" && Array.isArray(issues) ? (issues as readonly ConfigIssue[]) : undefined; // by its code
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
