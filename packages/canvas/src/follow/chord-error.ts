import { CeleriacError } from "@celeriac/core";

/** A member of a chord's header failed, so its body never runs. Stored under Celery's name. Code `CHORD_FAILED`. */
export class ChordError extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";

  constructor(message: string) {
    super(message, { code: "CHORD_FAILED" });
    this.name = "ChordError";
  }
}
