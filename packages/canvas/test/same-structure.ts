/**
 * Compares two JSON values up to ids: each id of one side must always stand for the same id of the other. Options that are
 * null say nothing and count as absent.
 */
import { randomUUID } from "node:crypto";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Within a header that is not sent yet Celery repeats the body in each member; whoever sends it puts it there anyway. */
const THEIRS_ONLY = "chord";

/** Celery 5.6 sends no size with a chord's body; older ones did, and all take it. */
const OURS_ONLY = "chord_size";

export const newId = (): string => randomUUID();

/** Where they first differ, undefined when they do not. */
export function difference(left: unknown, right: unknown, ids: Map<string, string> = new Map()): string | undefined {
  return compare(left, right, ids, new Map(), "$");
}

function compare(
  left: unknown,
  right: unknown,
  forth: Map<string, string>,
  back: Map<string, string>,
  where: string,
): string | undefined {
  if (typeof left === "string" && typeof right === "string" && UUID.test(left) && UUID.test(right)) {
    const isSame = (forth.get(left) ?? right) === right && (back.get(right) ?? left) === left;
    forth.set(left, right);
    back.set(right, left);
    return isSame ? undefined : `${where}: another id`;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return `${where}: ${left.length} entries, not ${right.length}`;
    return firstOf(left.map((item, index) => () => compare(item, right[index], forth, back, `${where}[${index}]`)));
  }
  if (isRecord(left) && isRecord(right)) {
    if (isGroupForChord(left) && isGroupForChord(right)) {
      return compare(withoutId(left), withoutId(right), forth, back, where);
    }
    const drop = where.endsWith(".options");
    const names = [left, right].map((record) =>
      Object.keys(record)
        .filter((name) => (!drop || record[name] !== null) && name !== OURS_ONLY)
        .filter((name) => !(drop && name === THEIRS_ONLY && where.includes(".kwargs.header.")))
        .sort(),
    );
    if (String(names[0]) !== String(names[1])) return `${where}: members ${String(names[0])}, not ${String(names[1])}`;
    return firstOf(
      (names[0] ?? []).map((name) => () => compare(left[name], right[name], forth, back, `${where}.${name}`)),
    );
  }
  return left === right ? undefined : `${where}: ${JSON.stringify(left)}, not ${JSON.stringify(right)}`;
}

/** A group that returns its results to a chord around it: Celery gives it ids of the header, we give it its own. */
function isGroupForChord({ subtask_type: kind, options }: Readonly<Record<string, unknown>>): boolean {
  return kind === "group" && isRecord(options) && isRecord(options.chord) && "task_id" in options;
}

function withoutId(group: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { task_id, group_id, ...options } = isRecord(group.options) ? group.options : {};
  return { ...group, options };
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
