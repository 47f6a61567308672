/**
 * Lets the load through part by part, one more for each fault: however fast the machine, every fault that a run asks for
 * finds work.
 * @module
 */
export class FaultGate {
  readonly #items: number;
  readonly #faults: number;
  #struck = 0;
  #waiting: (() => void)[] = [];

  /** `faults`: how many are waited for, so that the load has one part more. */
  constructor({ items, faults }: { readonly items: number; readonly faults: number }) {
    this.#items = items;
    this.#faults = faults;
  }

  /** How many faults have struck by now. */
  note(struck: number): void {
    this.#struck = struck;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /** Resolves when the item with this number may go. */
  async pass(number: number): Promise<void> {
    const part = Math.floor((number * (this.#faults + 1)) / this.#items);
    while (this.#struck < part) await new Promise<void>((proceed) => this.#waiting.push(proceed));
  }
}
