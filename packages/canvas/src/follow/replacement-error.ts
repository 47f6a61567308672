import { CeleriacError } from "@celeriac/core";

/** What was to replace a task cannot take its place. Stored under Celery's name. Code `REPLACEMENT_IMPOSSIBLE`. */
export class ReplacementError extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";
  static readonly pythonType = "ImproperlyConfigured";

  constructor(message: string) {
    super(message, { code: "REPLACEMENT_IMPOSSIBLE" });
    this.name = "ReplacementError";
  }
}
