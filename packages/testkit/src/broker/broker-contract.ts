import { bindCases, type ContractCase, type ContractOptions } from "../contract-case.js";
import type { BrokerAbility, BrokerFixture, CreateBrokerFixture } from "./broker-fixture.js";
import { type BrokerCase, BrokerStage } from "./broker-stage.js";
import { callCases } from "./call-cases.js";
import { consumerCases } from "./consumer-cases.js";
import { deadLetterCases } from "./dead-letter-cases.js";
import { fanoutCases } from "./fanout-cases.js";
import { malformedCases } from "./malformed-cases.js";
import { onceCases } from "./once-cases.js";
import { orderCases } from "./order-cases.js";
import { parkingCases } from "./parking-cases.js";
import { payloadCases } from "./payload-cases.js";
import { prefetchCases } from "./prefetch-cases.js";
import { priorityCases } from "./priority-cases.js";
import { queueAdminCases } from "./queue-admin-cases.js";
import { routingCases } from "./routing-cases.js";
import { settleCases } from "./settle-cases.js";
import { takeCases } from "./take-cases.js";

const CASES: readonly BrokerCase[] = [
  ...orderCases,
  ...priorityCases,
  ...prefetchCases,
  ...settleCases,
  ...takeCases,
  ...consumerCases,
  ...malformedCases,
  ...routingCases,
  ...queueAdminCases,
  ...deadLetterCases,
  ...payloadCases,
  ...callCases,
  ...fanoutCases,
  ...parkingCases,
  ...onceCases,
];

/**
 * Everything the `Broker` port promises, as cases for any test runner.
 * @param create - Makes a broker on an empty store; called once per case.
 * @throws Error when `options.skip` names a case that does not exist.
 */
export function brokerContract(
  create: CreateBrokerFixture,
  options: ContractOptions = {},
): readonly ContractCase<BrokerAbility>[] {
  return bindCases<BrokerStage, BrokerAbility>(
    CASES,
    {
      open: async (timing) => new BrokerStage(await create(), timing),
      abilities: ({ fixture }) => brokerAbilities(fixture),
      close: (stage) => stage.close(),
    },
    options,
  );
}

/** What a fixture and its broker can do. */
export function brokerAbilities(fixture: BrokerFixture): ReadonlySet<BrokerAbility> {
  const abilities = new Set<BrokerAbility>();
  if (fixture.broker.fanout !== undefined) abilities.add("fanout");
  if (fixture.broker.parking !== undefined) abilities.add("parking");
  if (fixture.broker.once !== undefined) abilities.add("once");
  if (fixture.mostUrgentPriority !== undefined) abilities.add("priorities");
  if (fixture.putRaw !== undefined) abilities.add("putRaw");
  if (fixture.stall !== undefined) abilities.add("stall");
  if (fixture.takes === true) abilities.add("takes");
  return abilities;
}
