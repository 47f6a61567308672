/**
 * The contracts turned round: each case takes a sound adapter, breaks one promise of it, and passes when the contract
 * notices. It proves that a fixture and its timing give the contract room to see.
 * @module
 */
import { backendContract } from "../backend/backend-contract.js";
import type { BackendAbility, BackendFixture, CreateBackendFixture } from "../backend/backend-fixture.js";
import { brokerAbilities, brokerContract } from "../broker/broker-contract.js";
import type { BrokerAbility, BrokerFixture, CreateBrokerFixture } from "../broker/broker-fixture.js";
import type { ContractCase, ContractOptions } from "../contract-case.js";
import type { BrokenBackend } from "./broken-backend.js";
import { brokenBackends } from "./broken-backends.js";
import type { BrokenBroker } from "./broken-broker.js";
import { brokenBrokers } from "./broken-brokers.js";
import { noticing } from "./noticing.js";
import { SoundRuns } from "./sound-runs.js";

/**
 * Cases named `a broker that ... is noticed`. Each runs its case of the contract with the sound broker first, which must
 * pass it. Most wait in vain for as long as `settleMs`: make that as short as the transport allows. When the broken one
 * passes, it gets two more chances, with `quietMs` four and sixteen times as long.
 * @param create - Like that of `brokerContract`; the fixture must be a plain object.
 * @throws Error when `options.skip` names a case of the contract that does not exist.
 */
export function brokerFaults(
  create: CreateBrokerFixture,
  options: ContractOptions = {},
): readonly ContractCase<BrokerAbility>[] {
  const sound = new SoundRuns((limits) => brokerContract(create, limits), options);
  return brokenBrokers.map((broken) => {
    let absent: readonly BrokerAbility[] = [];
    return noticing({
      name: `a broker that ${broken.fault} is noticed: ${broken.noticedBy}`,
      ...{ broken, sound, create, options },
      contract: brokerContract,
      absent: () => absent,
      breakFixture: (fixture: BrokerFixture) => {
        const present = brokerAbilities(fixture);
        absent = (broken.needs ?? []).filter((ability) => !present.has(ability));
        return breakBrokers(fixture, broken.wrap);
      },
    });
  });
}

/** Like `brokerFaults`, for result backends. */
export function backendFaults(
  create: CreateBackendFixture,
  options: ContractOptions = {},
): readonly ContractCase<BackendAbility>[] {
  const sound = new SoundRuns((limits) => backendContract(create, limits), options);
  return brokenBackends.map((broken) =>
    noticing({
      name: `a backend that ${broken.fault} is noticed: ${broken.noticedBy}`,
      ...{ broken, sound, create, options },
      contract: backendContract,
      absent: () => [],
      breakFixture: (fixture: BackendFixture) => breakBackends(fixture, broken.wrap),
    }),
  );
}

function breakBrokers(fixture: BrokerFixture, wrap: BrokenBroker["wrap"]): BrokerFixture {
  const notes = new Set<string>();
  const createPeer = async (): Promise<BrokerFixture["broker"]> => wrap(await fixture.createPeer(), notes);
  return { ...fixture, broker: wrap(fixture.broker, notes), createPeer };
}

function breakBackends(fixture: BackendFixture, wrap: BrokenBackend["wrap"]): BackendFixture {
  const notes = new Set<string>();
  const createPeer = async (): Promise<BackendFixture["backend"]> => wrap(await fixture.createPeer(), notes);
  const createCompressing = fixture.createCompressingPeer?.bind(fixture);
  return {
    ...fixture,
    backend: wrap(fixture.backend, notes),
    createPeer,
    ...(createCompressing === undefined
      ? {}
      : { createCompressingPeer: async () => wrap(await createCompressing(), notes) }),
  };
}
