/**
 * What groups and sets of results have in common.
 * @module
 */
import type { GetOptions, ProgressOptions, ResultHandle, TaskState } from "@celeriac/core";
import { isReady } from "@celeriac/core";
import type { Limits, Settled, Stop } from "./observe.js";
import { arrivals, observe } from "./observe.js";

export interface MembersOptions extends GetOptions {
  /** False: a failed member's error stands in its place, and nothing is rejected. Default true. */
  readonly propagate?: boolean;
}

/** How a member came out, as `Promise.allSettled` says it, and which one it is. */
export type SettledMember<Result = unknown> = {
  /** Its place among the results. */
  readonly index: number;
  readonly handle: ResultHandle<Result>;
} & PromiseSettledResult<Result>;

/** Calls back with the list of values in the members' order, or at the first failure. */
export function observeAll(
  members: readonly ResultHandle<unknown>[],
  onSettled: (settled: Settled) => void,
  propagate: boolean,
): Stop {
  const values: unknown[] = Array.from({ length: members.length });
  let missing = members.length;
  if (missing === 0) queueMicrotask(() => onSettled({ ok: true, value: values }));
  const stopAll = observeEach(
    members,
    (index, settled) => {
      if (!settled.ok && propagate) {
        stopAll();
        onSettled(settled);
        return;
      }
      values[index] = settled.ok ? settled.value : settled.error;
      missing -= 1;
      if (missing === 0) onSettled({ ok: true, value: values });
    },
    propagate,
  );
  return stopAll;
}

function observeEach(
  members: readonly ResultHandle<unknown>[],
  onMember: (index: number, settled: Settled) => void,
  propagate: boolean,
): Stop {
  const stops: Stop[] = [];
  const stopAll = (): void => {
    for (const stop of stops) stop();
  };
  try {
    for (const [index, member] of members.entries()) {
      stops.push(observe(member, (settled) => onMember(index, settled), propagate));
    }
  } catch (error) {
    stopAll(); // one that cannot be waited for
    throw error;
  }
  return stopAll;
}

/** Each member as it finishes. */
export function settledMembers(
  members: readonly ResultHandle<unknown>[],
  limits: Limits,
  what: string,
): AsyncGenerator<SettledMember, void, undefined> {
  return arrivals<SettledMember>(
    (inbox) => {
      let missing = members.length;
      if (missing === 0) inbox.end();
      return observeEach(
        members,
        (index, settled) => {
          const handle = members[index];
          if (handle !== undefined) inbox.push({ index, handle, ...settledResult(settled) });
          missing -= 1;
          if (missing === 0) inbox.end();
        },
        true, // a failed step settles the member it leads to
      );
    },
    limits,
    what,
  );
}

function settledResult(settled: Settled): PromiseSettledResult<unknown> {
  return settled.ok ? { status: "fulfilled", value: settled.value } : { status: "rejected", reason: settled.error };
}

/** What any member reports, as it comes. */
export function progressOfMembers(
  members: readonly ResultHandle<unknown>[],
  options: ProgressOptions,
  what: string,
): AsyncGenerator<unknown, void, undefined> {
  return arrivals<unknown>(
    (inbox) => {
      const abort = new AbortController();
      const follow = async (member: ResultHandle<unknown>): Promise<void> => {
        for await (const news of member.progress({ signal: abort.signal })) inbox.push(news);
      };
      Promise.all(members.map(follow)).then(inbox.end, inbox.fail);
      return () => abort.abort();
    },
    options,
    what,
  );
}

/** Where the members stand, read from the store. */
export interface Standing {
  /** Those that have succeeded: Celery's word. */
  readonly completed: number;
  readonly failed: number;
  readonly total: number;
  readonly isReady: boolean;
  readonly state: TaskState;
}

export async function standingOf(members: readonly ResultHandle<unknown>[]): Promise<Standing> {
  const states = await Promise.all(members.map((member) => member.state()));
  const count = (wanted: TaskState): number => states.filter((state) => state === wanted).length;
  const completed = count("SUCCESS");
  const bad = states.find((state) => state === "FAILURE" || state === "REVOKED");
  const all = completed === states.length;
  return {
    completed,
    failed: count("FAILURE"),
    total: states.length,
    isReady: states.every(isReady),
    state: bad ?? (all ? "SUCCESS" : completed > 0 || states.includes("STARTED") ? "STARTED" : "PENDING"),
  };
}
