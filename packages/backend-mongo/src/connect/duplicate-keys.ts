import { DUPLICATE_KEY } from "./mongo-failure.js";

/** What a bulk write with errors says of them. */
export interface DuplicateKeys {
  /** Places of the operations whose `_id` exists. */
  readonly places: ReadonlySet<number>;
  /** Whether all the others were carried out: some servers stop at the first error, though not asked to. */
  readonly isComplete: boolean;
}

/**
 * The operations that failed because another document has their `_id`.
 * @param error - Of a write that went on after errors.
 * @param count - Operations of that write.
 * @returns `undefined` when the error is, or contains, any other one.
 */
export function duplicateKeys(error: unknown, count: number): DuplicateKeys | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== DUPLICATE_KEY) return undefined;
  if (!("writeErrors" in error)) return count === 1 ? { places: new Set([0]), isComplete: true } : undefined;
  const given: unknown = error.writeErrors;
  const places = new Set<number>();
  for (const one of Array.isArray(given) ? given : [given]) {
    if (typeof one !== "object" || one === null || !("code" in one) || one.code !== DUPLICATE_KEY) return undefined;
    if ("index" in one && typeof one.index === "number") places.add(one.index);
  }
  return { places, isComplete: places.size + carriedOut(error) >= count };
}

const COUNTS = ["insertedCount", "matchedCount", "upsertedCount"] as const;

function carriedOut(error: Error): number {
  let sum = 0;
  for (const name of COUNTS) {
    const count: unknown = Reflect.get(error, name);
    if (typeof count === "number") sum += count;
  }
  return sum;
}
