import { BackendError } from "@celeriac/core/errors";

/** What results that are messages cannot do. Stored in results as Python's NotImplementedError, which Celery raises. */
export class UnsupportedOperation extends BackendError {
  static readonly pythonModule = "builtins";
  static readonly pythonType = "NotImplementedError";

  /** @param operation - Celery's word for it: `save_group`. */
  constructor(operation: string) {
    super(
      `${operation} is not supported by the rpc result backend: results are messages to whoever sent the task, and nothing is kept beside them. Keep the ids yourself, or take a backend that stores, such as redis://.`,
      { code: "BACKEND_REFUSED" },
    );
  }
}
