import { CeleriacError } from "../errors/celeriac-error.js";
import { nearest } from "../settings/nearest.js";

/** A queue that is not declared and may not be created. Code `QUEUE_NOT_FOUND`; named as Celery's. */
export class QueueNotFound extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";
  readonly queue: string;

  constructor(queue: string, declared: readonly string[]) {
    super(queueNotFoundMessage(queue, declared), { code: "QUEUE_NOT_FOUND" });
    this.queue = queue;
  }
}

export function queueNotFoundMessage(queue: string, declared: readonly string[]): string {
  const near = nearest(queue, declared);
  const guess = near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
  const known = declared.map((name) => JSON.stringify(name)).join(", ") || "none";
  return `Queue ${JSON.stringify(queue)} is not declared (declared: ${known}).${guess} Add it to taskQueues or allow taskCreateMissingQueues.`;
}

/** A route that leads nowhere, or an answer of a route function that is no route. Code `ROUTE_INVALID`. */
export class RouteError extends CeleriacError {
  constructor(message: string) {
    super(message, { code: "ROUTE_INVALID" });
  }
}
