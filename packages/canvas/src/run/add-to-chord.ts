import type { App, TaskRequest, WireSignature } from "@celeriac/core";
import { ArgumentError, CeleriacError, currentTask } from "@celeriac/core";
import { followerIds } from "../follow/follower-ids.js";
import { planWire } from "../plan/plan.js";
import { carryOut, chordBackend } from "./carry-out.js";

/**
 * For one attempt of a task: sends more members of the chord it is in. Their ids are the same in every attempt, so what a
 * crashed one has added is not added twice.
 * @see Celery `Task.add_to_chord`.
 */
export function chordExtender(app: App): (request: TaskRequest, signature: WireSignature) => Promise<string> {
  let added = 0;
  return async (request, signature) => {
    const { chord } = request.embed;
    const { group: groupId } = request;
    const { chords, description } = chordBackend(app);
    if (chords === undefined || chord === null || groupId === null) {
      throw new CeleriacError(`${description} does not count a chord's results, so none can be added to it.`, {
        code: "CHORDS_UNSUPPORTED",
      });
    }
    const options = {
      group_id: groupId,
      chord,
      ...(request.groupIndex === null ? {} : { group_index: request.groupIndex }),
    };
    const { steps, result, child } = planWire(
      signature,
      { args: [], kwargs: {}, options },
      { newId: followerIds(request.id, `add:${added}`), rootId: request.rootId, parentId: request.id },
    );
    added += 1;
    if (result === null || child === null)
      throw new ArgumentError("An empty chain cannot be added to a chord: it returns nothing.");
    const [[id]] = result;
    await chords.extend(groupId, id);
    await carryOut(app, steps);
    currentTask()?.children.push(child);
    return id;
  };
}
