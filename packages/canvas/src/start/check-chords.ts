import type { App, WireSignature } from "@celeriac/core";
import { ArgumentError, CeleriacError } from "@celeriac/core";
import { callbacksIn } from "../composite/links.js";
import { bodyOf, flatMembers, isEmptyChain, kindOf, makeGroup, membersOf } from "../composite/parts.js";
import { chordBackend } from "../run/carry-out.js";
import { ignoresResult } from "./task-notes.js";

/**
 * Whether the chords of a workflow can work, wherever they are in it.
 * @throws ArgumentError for a member of a header that returns nothing; unless it runs here, CeleriacError
 * `CHORDS_UNSUPPORTED` without a result store that joins chords, and `CHORD_IGNORES_RESULT` for a task in a header that
 * keeps no result: the body would wait for ever.
 */
export function checkChords(app: App, workflow: WireSignature): void {
  for (const callback of [...callbacksIn(workflow.options, "link"), ...callbacksIn(workflow.options, "link_error")])
    checkChords(app, callback);
  const kind = kindOf(workflow);
  if (kind === "task") return;
  const members = membersOf(workflow);
  for (const member of members) checkChords(app, member);
  if (kind === "chord") {
    checkHeader(app, members);
    checkChords(app, bodyOf(workflow));
  }
  // A group with a step after it is a chord once it has its ids.
  const groups = kind === "chain" ? members.filter((member) => !isEmptyChain(member)).slice(0, -1) : [];
  for (const group of groups) if (kindOf(group) === "group") checkHeader(app, membersOf(group));
}

function checkHeader(app: App, members: readonly WireSignature[]): void {
  const isEager = app.settings.taskAlwaysEager;
  if (!isEager) chordBackend(app);
  for (const member of flatMembers(makeGroup(members))) {
    const returning = returningTasks(member);
    if (returning.length === 0) {
      throw new ArgumentError(
        `A ${kindOf(member)} in the header of a chord ends in a group without tasks: it returns nothing, and the chord's body would wait for ever. Give the group a task, or leave it out.`,
      );
    }
    const ignoring = isEager
      ? undefined
      : returning.find(({ task, options }) => ignoresResult(app, task, options.ignore_result));
    if (ignoring !== undefined) throw ignoredMember(ignoring.task);
  }
}

function ignoredMember(task: string): CeleriacError {
  return new CeleriacError(
    `Task "${task}" is in the header of a chord but keeps no result, so the chord's body would wait for ever. Let it keep its result: remove ignoreResult from the task and the call, or set ignoreResult: false there when taskIgnoreResult is set.`,
    { code: "CHORD_IGNORES_RESULT" },
  );
}

/** The tasks whose results a member of a header returns. */
function returningTasks(signature: WireSignature): readonly WireSignature[] {
  switch (kindOf(signature)) {
    case "group":
      return membersOf(signature).flatMap(returningTasks);
    case "chord":
      return returningTasks(bodyOf(signature));
    case "chain": {
      const last = membersOf(signature).findLast((step) => !isEmptyChain(step));
      return last === undefined ? [] : returningTasks(last);
    }
    default:
      return [signature];
  }
}
