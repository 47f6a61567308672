import type { TaskRequest } from "@celeriac/core";
import { NotRegistered } from "@celeriac/core";

/** A readable message for a task that this worker does not have: what waits for the task can be told. */
export class UnknownTaskError extends NotRegistered {
  readonly request: TaskRequest;

  constructor(request: TaskRequest, near: string | undefined) {
    super(request.task, near);
    this.name = "NotRegistered"; // as it is stored and logged
    this.request = request;
  }
}
