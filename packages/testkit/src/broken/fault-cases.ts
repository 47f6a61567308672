/**
 * The contracts turned round: each case takes a sound adapter, breaks one promise of it, and passes when the contract
 * notices. It proves that a fixture and its timing give the contract room to see.
 * @module
 */
import assert from "node:assert/strict";
import { backendContract } from "../backend/backend-contract.js";
import type { BackendAbility, BackendFixture, CreateBackendFixture } from "../backend/backend-fixture.js";
import { brokerAbilities, brokerContract } from "../broker/broker-contract.js";
import type { BrokerAbility, BrokerFixture, CreateBrokerFixture } from "../broker/broker-fixture.js";
import type { CaseOutcome, ContractCase, ContractOptions } from "../contract-case.js";
import type { BrokenBackend } from "./broken-backend.js";
import { brokenBackends } from "./broken-backends.js";
import type { BrokenBroker } from "./broken-broker.js";
import { brokenBrokers } from "./broken-brokers.js";

/**
 * Cases named `a broker that ... is noticed`. Most wait in vain for as long as `settleMs`: make that as short as the
 * transport allows.
 * @param create - Like that of `brokerContract`; the fixture must be a plain object.
 * @throws Error when `options.skip` names a case of the contract that does not exist.
 */
export function brokerFaults(
  create: CreateBrokerFixture,
  options: ContractOptions = {},
): readonly ContractCase<BrokerAbility>[] {
  return brokenBrokers.map((broken) => {
    let missing: readonly BrokerAbility[] = [];
    const createBroken = async (): Promise<BrokerFixture> => {
      const fixture = await create();
      const present = brokerAbilities(fixture);
      missing = (broken.needs ?? []).filter((ability) => !present.has(ability));
      return breakBrokers(fixture, broken.wrap);
    };
    const name = `a broker that ${broken.fault} is noticed: ${broken.noticedBy}`;
    return noticing(name, broken, brokerContract(createBroken, options), () => missing);
  });
}

/** Like `brokerFaults`, for result backends. */
export function backendFaults(
  create: CreateBackendFixture,
  options: ContractOptions = {},
): readonly ContractCase<BackendAbility>[] {
  return brokenBackends.map((broken) => {
    const cases = backendContract(async () => breakBackends(await create(), broken.wrap), options);
    return noticing(`a backend that ${broken.fault} is noticed: ${broken.noticedBy}`, broken, cases);
  });
}

function breakBrokers(fixture: BrokerFixture, wrap: BrokenBroker["wrap"]): BrokerFixture {
  const notes = new Set<string>();
  const createPeer = async (): Promise<BrokerFixture["broker"]> => wrap(await fixture.createPeer(), notes);
  return { ...fixture, broker: wrap(fixture.broker, notes), createPeer };
}

function breakBackends(fixture: BackendFixture, wrap: BrokenBackend["wrap"]): BackendFixture {
  const notes = new Set<string>();
  const createPeer = async (): Promise<BackendFixture["backend"]> => wrap(await fixture.createPeer(), notes);
  return { ...fixture, backend: wrap(fixture.backend, notes), createPeer };
}

function noticing<Ability extends string>(
  name: string,
  { fault, noticedBy }: { readonly fault: string; readonly noticedBy: string },
  cases: readonly ContractCase<Ability>[],
  missingAbilities: () => readonly string[] = () => [],
): ContractCase<Ability> {
  const contractCase = cases.find((one) => one.name === noticedBy);
  assert.ok(contractCase, `No case is called "${noticedBy}".`);
  return {
    name,
    needs: contractCase.needs,
    timeoutMs: contractCase.timeoutMs,
    async run(): Promise<CaseOutcome> {
      const outcome = await contractCase.run().catch(() => undefined);
      const missing = missingAbilities();
      if (missing.length > 0) return { status: "skipped", reason: `the adapter has no ${missing.join(", ")}` };
      if (outcome === undefined) return { status: "passed" };
      assert.ok(outcome.status === "skipped", `"${noticedBy}" passes with an adapter that ${fault}.`);
      return outcome;
    },
  };
}
