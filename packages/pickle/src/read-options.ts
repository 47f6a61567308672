/** How a pickle is read. Limits are checked before the memory is taken. */
export interface ReadPickleOptions {
  /**
   * What the caller knows about the whole value. `value` (default): plain data. `exception`: it may be a pickled exception
   * object, as Celery stores with `result_serializer="pickle"`; it is then read as data, a `WireException`.
   */
  readonly expects?: "value" | "exception";
  /** Longest pickle in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes of memory that reading may take, estimated. Default 512 MiB. */
  readonly maxMemoryBytes?: number;
  /**
   * Size of the value written out in full, in bytes, estimated: what is referred to twice counts twice. Keeps a few bytes
   * from becoming gigabytes in whatever walks the value later. Default 512 MiB.
   */
  readonly maxExpandedBytes?: number;
  /** Deepest nesting. Default 200, as for JSON, and 500 for groups, whose parents nest; at most 500. */
  readonly maxDepth?: number;
}

/** Options with their defaults. */
export interface ReadLimits {
  readonly maxBytes: number;
  readonly maxMemoryBytes: number;
  readonly maxExpandedBytes: number;
  readonly maxDepth: number;
}

const mebibyte = 1_048_576;
/** What fits on a stack of Node's default size with room to spare. */
export const deepest = 500;
const defaultDepth = 200;

/** @throws RangeError for a limit that is no positive whole number, or a depth over 500. */
export function parseLimits(options: ReadPickleOptions): ReadLimits {
  const limits = {
    maxBytes: options.maxBytes ?? 64 * mebibyte,
    maxMemoryBytes: options.maxMemoryBytes ?? 512 * mebibyte,
    maxExpandedBytes: options.maxExpandedBytes ?? 512 * mebibyte,
    maxDepth: options.maxDepth ?? defaultDepth,
  };
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${name} must be a positive whole number.`);
  }
  if (limits.maxDepth > deepest) throw new RangeError(`maxDepth must not be more than ${deepest}.`);
  return limits;
}
