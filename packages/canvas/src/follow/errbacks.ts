import type { WireSignature } from "@celeriac/core";
import type { FollowedTask, FollowSettings, FollowUp } from "./follow-up.js";
import { joinFollowUps, planFollower } from "./follow-up.js";

export interface PlannedErrbacks {
  /** Old style: sent as tasks with the id of the failed one. */
  readonly sent: FollowUp;
  /** New style: called with `(request, error, traceback)`. */
  readonly called: readonly WireSignature[];
}

/**
 * Sorts error callbacks into those that are sent and those that are called.
 * @param isCalled - Whether the task is known here and takes more than one argument.
 */
export function planErrbacks(
  task: FollowedTask,
  errbacks: readonly WireSignature[],
  isCalled: (signature: WireSignature) => boolean,
  settings: FollowSettings,
): PlannedErrbacks {
  const called = errbacks.filter(isCalled);
  const sent = errbacks.flatMap((signature, index) =>
    isCalled(signature)
      ? []
      : [planFollower(task, signature, { place: `link_error:${index}`, args: [task.id] }, settings)],
  );
  return { sent: joinFollowUps(sent), called };
}
