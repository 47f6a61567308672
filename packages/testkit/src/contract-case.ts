/**
 * What every contract is made of: named cases that any test runner can execute. A case makes its own fixture, runs, and
 * takes it down again; what it could not check it reports as skipped, with the reason.
 * @module
 */
import { withDeadline } from "@celeriac/core/lifecycle";

/** How a case ended; a broken promise rejects `run()` with an `AssertionError` instead. */
export type CaseOutcome = { readonly status: "passed" } | { readonly status: "skipped"; readonly reason: string };

/** One promise of a port. `for (const one of cases) it(one.name, { timeout: one.timeoutMs }, () => one.run())`. */
export interface ContractCase<Ability extends string = string> {
  readonly name: string;
  /** Abilities without which the case means nothing; it is skipped when one is absent. */
  readonly needs: readonly Ability[];
  /** The longest that `run` can take, in milliseconds, fixture included: give the runner at least as much. */
  readonly timeoutMs: number;
  /** Rejects with an `AssertionError`, or with the typed error that an adapter threw where it should not have. */
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
  /** Longest wait for a fixture to open, and for it to be cleaned up, in milliseconds. Default 30,000. */
  readonly fixtureMs?: number;
  readonly skip?: readonly SkippedCase[];
}

/** `ContractOptions` with every wait decided. */
export interface ContractTiming {
  readonly settleMs: number;
  readonly quietMs: number;
  readonly redeliveryMs: number;
  readonly fixtureMs: number;
}

/** Enough for stores on the same machine. */
export const DEFAULT_TIMING: ContractTiming = {
  settleMs: 5_000,
  quietMs: 50,
  redeliveryMs: 10_000,
  fixtureMs: 30_000,
};

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

/** Binds definitions to an adapter. @throws Error for a skip that names no case, names one twice, or gives no reason. */
export function bindCases<Stage, Ability extends string>(
  definitions: readonly CaseDefinition<Stage, Ability>[],
  maker: StageMaker<Stage, Ability>,
  options: ContractOptions,
): readonly ContractCase<Ability>[] {
  const excuses = readExcuses(new Set(definitions.map(({ name }) => name)), options.skip ?? []);
  const timing: ContractTiming = {
    settleMs: options.settleMs ?? DEFAULT_TIMING.settleMs,
    quietMs: options.quietMs ?? DEFAULT_TIMING.quietMs,
    redeliveryMs: options.redeliveryMs ?? DEFAULT_TIMING.redeliveryMs,
    fixtureMs: options.fixtureMs ?? DEFAULT_TIMING.fixtureMs,
  };
  return definitions.map((definition) => ({
    name: definition.name,
    needs: definition.needs,
    timeoutMs: decisionMs(timing) + 2 * timing.fixtureMs,
    run: async () => {
      const reason = excuses.get(definition.name);
      return reason === undefined ? runCase(definition, maker, timing) : { status: "skipped", reason };
    },
  }));
}

function readExcuses(names: ReadonlySet<string>, skip: readonly SkippedCase[]): ReadonlyMap<string, string> {
  const excuses = new Map<string, string>();
  for (const { case: name, reason } of skip) {
    if (!names.has(name)) throw new Error(`The skip list names "${name}", which is no case of this contract.`);
    if (excuses.has(name)) throw new Error(`The skip list names "${name}" twice.`);
    if (reason.trim() === "") throw new Error(`The skip list gives no reason for "${name}".`);
    excuses.set(name, reason);
  }
  return excuses;
}

function decisionMs({ settleMs, redeliveryMs, quietMs }: ContractTiming): number {
  return 3 * settleMs + redeliveryMs + 4 * quietMs;
}

async function runCase<Stage, Ability extends string>(
  { name, needs, check }: CaseDefinition<Stage, Ability>,
  maker: StageMaker<Stage, Ability>,
  timing: ContractTiming,
): Promise<CaseOutcome> {
  const bounded = <T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> =>
    withDeadline(work, { timeoutMs }, () => new Error(`"${name}": ${what} within ${timeoutMs} ms.`));
  const opening = maker.open(timing);
  const close = async (): Promise<void> => {
    await bounded(
      opening.then((opened) => maker.close(opened)),
      timing.fixtureMs,
      "the fixture was not cleaned up",
    );
  };
  let outcome: CaseOutcome = { status: "passed" };
  try {
    const stage = await bounded(opening, timing.fixtureMs, "the fixture was not opened");
    const present = maker.abilities(stage);
    const missing = needs.filter((ability) => !present.has(ability));
    if (missing.length > 0) outcome = { status: "skipped", reason: `the adapter has no ${missing.join(", ")}` };
    else await bounded(check(stage), decisionMs(timing), "nothing was decided");
  } catch (error) {
    await close().catch(() => undefined); // what failed first says more
    throw error;
  }
  await close();
  return outcome;
}
