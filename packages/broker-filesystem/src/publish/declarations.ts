import type { Queue } from "@celeriac/core/ports";
import { entryOf } from "../exchange/binding-entry.js";
import type { ExchangeTables } from "../exchange/exchange-table.js";

/** Remembers which bindings this broker has made, so that publishing does not look them up each time. */
export class Declarations {
  readonly #tables: ExchangeTables;
  readonly #made = new Map<string, Promise<void>>();

  constructor(tables: ExchangeTables) {
    this.#tables = tables;
  }

  /** Makes the binding, also when it was made before: somebody else may have removed it. */
  declare(queue: Queue): Promise<void> {
    const id = idOf(queue);
    const making =
      queue.exchange.name === "" ? Promise.resolve() : this.#tables.bind(queue.exchange.name, entryOf(queue));
    this.#made.set(id, making);
    making.catch(() => this.#made.delete(id));
    return making;
  }

  /** Makes the binding unless we have made it already. */
  ensure(queue: Queue): Promise<void> {
    return this.#made.get(idOf(queue)) ?? this.declare(queue);
  }

  async remove(queue: Queue): Promise<void> {
    this.#made.delete(idOf(queue));
    if (queue.exchange.name !== "") await this.#tables.unbind(queue.exchange.name, entryOf(queue));
  }
}

function idOf(queue: Queue): string {
  return JSON.stringify([queue.exchange.name, entryOf(queue)]);
}
