import { isRetryable } from "@celeriac/core/errors";
import type { BatchItem } from "@celeriac/core/lifecycle";

/**
 * Does `work` for all items together. When that is refused, it is done for each half, and so on, down to the items that the
 * database does not want: one of them must not take the others of its tick down. What comes later is still done later.
 * @param work - Resolves the items it was given, all or none.
 * @throws An error that says nothing about an item, such as a lost connection: then for all that are left.
 */
export async function splitRefused<T, R>(
  items: readonly BatchItem<T, R>[],
  work: (items: readonly BatchItem<T, R>[]) => Promise<void>,
): Promise<void> {
  try {
    await work(items);
  } catch (error) {
    if (isRetryable(error)) throw error;
    if (items.length <= 1) {
      for (const item of items) item.reject(error);
      return;
    }
    const middle = Math.ceil(items.length / 2);
    await splitRefused(items.slice(0, middle), work);
    await splitRefused(items.slice(middle), work);
  }
}
