/**
 * What every contract is made of: named cases that any test runner can execute. A case makes its own fixture, runs, and
 * takes it down again; what it could not check it reports as skipped, with the reason.
 * @module
 */
import { withDeadline } from "@celeriac/core/lifecycle";

/** How a case ended; a broken promise rejects `run()` with an `AssertionError` instead. */
export type CaseOutcome = { readonly status: "passed" } | { readonly status: "skipped"; readonly reason: string };

/** One promise of a port. `for (const c of cases) it(c.name, () => c.run())`. */
export interface ContractCase<Ability extends string = string> {
  readonly name: string;
  /** Abilities without which the case means nothing; it is skipped when one is absent. */
  readonly needs: readonly Ability[];
  run(): Promise<CaseOutcome>;
}

/** A case an adapter is excused from. */
export interface SkippedCase {
  /** Exact name; an unknown one is an error, so that the list cannot rot. */
  readonly case: string;
  readonly reason: string;
}

/** Physical limits of a transport, and written excuses. Never a way to hide a bug. */
export interface ContractOptions {
  /** Longest wait for something that must happen, in milliseconds. Default 5,000. */
  readonly settleMs?: number;
  /** How long nothing must happen before "nothing happens" is believed, in milliseconds. Default 50. */
  readonly quietMs?: number;
  /** Longest wait for messages of a broker that went away without settling them. Default 10,000. */
  readonly redeliveryMs?: number;
  readonly skip?: readonly SkippedCase[];
}

/** `ContractOptions` with every wait decided. */
export interface ContractTiming {
  readonly settleMs: number;
  readonly quietMs: number;
  readonly redeliveryMs: number;
}

/** A case before it is bound to an adapter: `stage` is what the contract hands to it. */
export interface CaseDefinition<Stage, Ability extends string> {
  readonly name: string;
  readonly needs: readonly Ability[];
  readonly check: (stage: Stage) => Promise<void>;
}

/** How a contract sets up and takes down what its cases act on. */
export interface StageMaker<Stage, Ability extends string> {
  open(timing: ContractTiming): Promise<Stage>;
  abilities(stage: Stage): ReadonlySet<Ability>;
  close(stage: Stage): Promise<void>;
}

/** Binds definitions to an adapter. @throws Error for a skip that names no case. */
export function bindCases<Stage, Ability extends string>(
  definitions: readonly CaseDefinition<Stage, Ability>[],
  maker: StageMaker<Stage, Ability>,
  options: ContractOptions,
): readonly ContractCase<Ability>[] {
  const excuses = new Map((options.skip ?? []).map((skipped) => [skipped.case, skipped.reason]));
  for (const name of excuses.keys()) {
    if (!definitions.some((definition) => definition.name === name)) {
      throw new Error(`The skip list names "${name}", which is no case of this contract.`);
    }
  }
  const timing: ContractTiming = {
    settleMs: options.settleMs ?? 5_000,
    quietMs: options.quietMs ?? 50,
    redeliveryMs: options.redeliveryMs ?? 10_000,
  };
  return definitions.map((definition) => ({
    name: definition.name,
    needs: definition.needs,
    run: () => runCase(definition, maker, timing, excuses.get(definition.name)),
  }));
}

async function runCase<Stage, Ability extends string>(
  definition: CaseDefinition<Stage, Ability>,
  maker: StageMaker<Stage, Ability>,
  timing: ContractTiming,
  excuse: string | undefined,
): Promise<CaseOutcome> {
  if (excuse !== undefined) return { status: "skipped", reason: excuse };
  const stage = await maker.open(timing);
  try {
    const present = maker.abilities(stage);
    const missing = definition.needs.filter((ability) => !present.has(ability));
    if (missing.length > 0) return { status: "skipped", reason: `the adapter has no ${missing.join(", ")}` };
    const timeoutMs = 3 * timing.settleMs + timing.redeliveryMs;
    await withDeadline(definition.check(stage), { timeoutMs }, () => {
      return new Error(`"${definition.name}" was not decided within ${timeoutMs} ms.`);
    });
    return { status: "passed" };
  } finally {
    await maker.close(stage);
  }
}
