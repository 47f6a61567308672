import type { LogChoice } from "../terminal/choose-logger.js";

/**
 * Everything that decides which app a process gets, as JSON: the command and each of its prefork children are handed the
 * same argument, so they run the same app with the same settings.
 */
export interface AppArgument {
  /** What `-A` says. Absent: an app without tasks, which can still send. */
  readonly spec?: string;
  /** Absolute folder from which modules and packages are looked up. */
  readonly workdir: string;
  /** A file of settings: JSON, YAML, TOML, or a module. Relative to `workdir`. */
  readonly config?: string;
  /** Environment variables that may be settings, as texts. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings from the command line, by camelCase name. They win over the environment, which wins over the file, which
   * wins over the app's own. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Modules with tasks to load besides the app's, from `-I`; also turns on the settings `imports` and `include`. */
  readonly include?: readonly string[];
  /** How the app logs. Absent, or with the setting `workerHijackRootLogger` off: as the app was made. */
  readonly log?: LogChoice;
}
