export const PART_TASK = "chaos.part";
export const BODY_TASK = "chaos.body";
export const ERRBACK_TASK = "chaos.errback";

/** Which part of which chord a task is, as its arguments say: for whoever sees only its message. */
export function placeInChord(
  task: unknown,
  args: unknown,
): { readonly chord: number; readonly role: "part" | "body" | "errback" } | undefined {
  if (!Array.isArray(args)) return undefined;
  const [first, second]: readonly unknown[] = args;
  if (task === PART_TASK && typeof first === "number") return { chord: first, role: "part" };
  if (typeof second !== "number") return undefined;
  if (task === BODY_TASK) return { chord: second, role: "body" };
  return task === ERRBACK_TASK ? { chord: second, role: "errback" } : undefined;
}
