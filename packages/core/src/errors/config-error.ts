import { CeleriacError } from "./celeriac-error.js";

/** One wrong setting: where, what was found, what would be right. */
export interface ConfigIssue {
  /** The setting as the user wrote it, with its file or variable where known: `CELERY_BROKER_URL`. */
  readonly key: string;
  readonly message: string;
}

/** All that is wrong with a configuration, found before anything is opened. Code `CONFIG_INVALID`. */
export class ConfigError extends CeleriacError {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const lines = issues.map((issue) => `  ${issue.key}: ${issue.message}`);
    const count = issues.length === 1 ? "1 problem" : `${issues.length} problems`;
    super(`The configuration has ${count}:\n${lines.join("\n")}`, { code: "CONFIG_INVALID" });
    this.issues = issues;
  }
}
