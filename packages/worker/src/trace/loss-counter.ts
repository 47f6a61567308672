/** Tasks remembered at once; the ones lost longest ago are forgotten first. */
const MAX_REMEMBERED = 10_000;

/**
 * How often each task has lost its process here without coming to an end. Few brokers say how often they delivered a
 * message (`Delivery.deliveryCount`), so this worker counts as well: enough to end a loop that would otherwise kill children
 * for ever (G8).
 */
export class LossCounter {
  readonly #losses = new Map<string, number>();

  /** Counts one more loss; returns how many there are now. */
  count(taskId: string): number {
    const losses = (this.#losses.get(taskId) ?? 0) + 1;
    this.#losses.delete(taskId); // to the end: a Map keeps the order of arrival
    this.#losses.set(taskId, losses);
    if (this.#losses.size > MAX_REMEMBERED) {
      const [oldest] = this.#losses.keys();
      if (oldest !== undefined) this.#losses.delete(oldest);
    }
    return losses;
  }

  /** The task has come to an end. */
  forget(taskId: string): void {
    if (this.#losses.size > 0) this.#losses.delete(taskId);
  }
}
