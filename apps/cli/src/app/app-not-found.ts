import { CeleriacError } from "@celeriac/core";

/**
 * `APP_NOT_FOUND`: no such module, or no app among its exports. `APP_LOAD_FAILED`: the module threw while it was loaded;
 * the cause says what.
 */
export class AppNotFound extends CeleriacError {
  declare readonly code: "APP_NOT_FOUND" | "APP_LOAD_FAILED";

  constructor(
    message: string,
    options: { readonly code: "APP_NOT_FOUND" | "APP_LOAD_FAILED"; readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
