import assert from "node:assert/strict";
import { type CaseOutcome, type ContractCase, type ContractOptions, DEFAULT_TIMING } from "../contract-case.js";
import type { SoundRuns } from "./sound-runs.js";

/** What all fixtures have in common. */
interface Fixture {
  cleanup(): Promise<void>;
}

type Create<F> = () => F | Promise<F>;

/** One fault, and all that is needed to see whether it is noticed. */
export interface FaultTrial<F extends Fixture, Ability extends string> {
  readonly name: string;
  readonly broken: { readonly fault: string; readonly noticedBy: string };
  readonly sound: SoundRuns<Ability>;
  readonly create: Create<F>;
  readonly options: ContractOptions;
  readonly contract: (create: Create<F>, options: ContractOptions) => readonly ContractCase<Ability>[];
  readonly breakFixture: (fixture: F) => F;
  /** What the fault needs and the last fixture that was broken has not. */
  readonly absent: () => readonly string[];
}

/** How much longer silence is waited for, attempt by attempt: on a machine that is busy, news come late. */
const PATIENCE: readonly number[] = [1, 4, 16];

/** A case that passes when the contract notices the fault. */
export function noticing<F extends Fixture, Ability extends string>(
  trial: FaultTrial<F, Ability>,
): ContractCase<Ability> {
  const { name, broken, sound, options } = trial;
  const { quietMs = DEFAULT_TIMING.quietMs } = options;
  const soundCase = sound.caseOf(broken.noticedBy);
  const attempts = PATIENCE.map((factor) => createAttempt(trial, { ...options, quietMs: quietMs * factor }));
  return {
    name,
    needs: soundCase.needs,
    timeoutMs: [soundCase, ...attempts].reduce((sumMs, { timeoutMs }) => sumMs + timeoutMs, 0),
    async run(): Promise<CaseOutcome> {
      const outcome = await sound.outcomeOf(broken.noticedBy);
      if (outcome.status === "skipped") return outcome;
      for (const attempt of attempts) {
        const isNoticed = await attempt.run();
        const absent = trial.absent();
        if (absent.length > 0) return { status: "skipped", reason: `the adapter has no ${absent.join(", ")}` };
        if (isNoticed) return { status: "passed" };
      }
      assert.fail(`"${broken.noticedBy}" passes with an adapter that ${broken.fault}.`);
    },
  };
}

interface Attempt {
  readonly timeoutMs: number;
  /** Whether the case failed. @throws what failed, when it was opening or cleaning up the fixture. */
  run(): Promise<boolean>;
}

function createAttempt<F extends Fixture, Ability extends string>(
  { broken, create, contract, breakFixture }: FaultTrial<F, Ability>,
  options: ContractOptions,
): Attempt {
  let stands: "opening" | "open" | "cleaned" = "opening";
  const createBroken = async (): Promise<F> => {
    stands = "opening";
    const fixture = await create();
    const cleanup = async (): Promise<void> => {
      await fixture.cleanup();
      stands = "cleaned";
    };
    const brokenFixture = breakFixture(fixture);
    stands = "open";
    return { ...brokenFixture, cleanup };
  };
  const contractCase = contract(createBroken, options).find((one) => one.name === broken.noticedBy);
  assert.ok(contractCase, `No case is called "${broken.noticedBy}".`);
  return {
    timeoutMs: contractCase.timeoutMs,
    async run() {
      try {
        await contractCase.run();
        return false;
      } catch (error) {
        if (stands === "cleaned") return true;
        const failed = stands === "opening" ? "opened" : "cleaned up";
        const message = `"${broken.noticedBy}" says nothing about the adapter: its fixture was not ${failed}.`;
        throw new Error(message, { cause: error });
      }
    },
  };
}
