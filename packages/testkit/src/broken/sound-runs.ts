import assert from "node:assert/strict";
import { type CaseOutcome, type ContractCase, type ContractOptions, DEFAULT_TIMING } from "../contract-case.js";

/**
 * The contract with the adapter as it is, each case at most once. A fault is only noticed if the same case passes without
 * it: a server that is away fails every case, whatever the adapter promises.
 */
export class SoundRuns<Ability extends string> {
  readonly #cases: ReadonlyMap<string, ContractCase<Ability>>;
  readonly #outcomes = new Map<string, Promise<CaseOutcome>>();

  /** The limits of `options` are for waiting in vain; what is sound gets the time that any adapter gets, or more. */
  constructor(
    contract: (options: ContractOptions) => readonly ContractCase<Ability>[],
    { settleMs = 0, redeliveryMs = 0, ...options }: ContractOptions,
  ) {
    const patient = {
      settleMs: Math.max(settleMs, DEFAULT_TIMING.settleMs),
      redeliveryMs: Math.max(redeliveryMs, DEFAULT_TIMING.redeliveryMs),
    };
    this.#cases = new Map(contract({ ...options, ...patient }).map((one) => [one.name, one]));
  }

  caseOf(name: string): ContractCase<Ability> {
    const found = this.#cases.get(name);
    assert.ok(found, `No case is called "${name}".`);
    return found;
  }

  /** @throws what the case throws: the adapter, its fixture, or its server is not sound. */
  outcomeOf(name: string): Promise<CaseOutcome> {
    const outcome = this.#outcomes.get(name) ?? this.caseOf(name).run();
    this.#outcomes.set(name, outcome);
    return outcome;
  }
}
