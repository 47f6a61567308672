import type { Clock, TaskRequest } from "@celeriac/core";

/** Celery's limits: ids remembered at once, and for how long. */
const MAX_IDS = 50_000;
const REMEMBERED_MS = 3 * 60 * 60 * 1000;

/**
 * Which tasks must not run any more: by id, or by a stamp. Ids are forgotten after three hours, the oldest first when there
 * are too many. @see Celery `celery/worker/state.py`, `revoked` and `revoked_stamps`.
 */
export class Revocations {
  readonly #clock: Clock;
  /** By id, when it is forgotten (monotonic milliseconds); in the order of revocation. */
  readonly #ids = new Map<string, number>();
  readonly #stamps = new Map<string, Set<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ids that are revoked now. */
  get ids(): readonly string[] {
    this.#forget();
    return [...this.#ids.keys()];
  }

  /** Stamps that are revoked, by name. */
  get stamps(): ReadonlyMap<string, ReadonlySet<unknown>> {
    return this.#stamps;
  }

  add(ids: Iterable<string>): void {
    const untilMs = this.#clock.monotonic() + REMEMBERED_MS;
    for (const id of ids) {
      this.#ids.delete(id); // to the end: a Map keeps the order of arrival
      this.#ids.set(id, untilMs);
    }
    this.#forget();
  }

  addStamps(name: string, values: Iterable<unknown>): void {
    const known = this.#stamps.get(name) ?? new Set();
    for (const value of values) known.add(value);
    this.#stamps.set(name, known);
  }

  /** Looked at for every task, so it costs nothing while nothing is revoked. */
  covers(request: TaskRequest): boolean {
    if (this.#ids.size > 0 && (this.#ids.get(request.id) ?? 0) > this.#clock.monotonic()) return true;
    return this.#stamps.size > 0 && carriesOneOf(request, this.#stamps);
  }

  #forget(): void {
    const nowMs = this.#clock.monotonic();
    for (const [id, untilMs] of this.#ids) {
      if (untilMs > nowMs && this.#ids.size <= MAX_IDS) return;
      this.#ids.delete(id);
    }
  }
}

/** Whether a task carries one of some stamps. A stamp is one value or a list of them. */
export function carriesOneOf(
  { stampedHeaders, stamps }: TaskRequest,
  wanted: ReadonlyMap<string, ReadonlySet<unknown>>,
): boolean {
  return (stampedHeaders ?? []).some((name) => {
    const values = wanted.get(name);
    if (values === undefined) return false;
    const carried = stamps[name];
    return Array.isArray(carried) ? carried.some((value) => values.has(value)) : values.has(carried);
  });
}
