import type { FollowedTask, FollowSettings, FollowUp } from "./follow-up.js";
import { joinFollowUps, planFollower } from "./follow-up.js";

/** Whether anything follows when the task succeeds: looked at for every task, so it is cheap. */
export function hasSuccessors({ embed: { callbacks, chain } }: FollowedTask): boolean {
  return (callbacks !== null && callbacks.length > 0) || (chain !== null && chain.length > 0);
}

/**
 * Callbacks, then the next step of the chain with the rest of it: each with the result put before its own arguments.
 * @see PROTOCOL 11.3.
 */
export function planSuccessors(task: FollowedTask, result: unknown, settings: FollowSettings): FollowUp {
  const { callbacks, chain } = task.embed;
  const followers = (callbacks ?? []).map((signature, index) =>
    planFollower(task, signature, { place: `link:${index}`, args: [result] }, settings),
  );
  const next = chain?.at(-1);
  if (next !== undefined) {
    const options = { chain: chain?.slice(0, -1) ?? [] };
    followers.push(planFollower(task, next, { place: "chain", args: [result], options }, settings));
  }
  return joinFollowUps(followers);
}
