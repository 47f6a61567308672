import { bindCases, type ContractCase, type ContractOptions } from "../contract-case.js";
import type { BackendAbility, CreateBackendFixture } from "./backend-fixture.js";
import { type BackendCase, BackendStage } from "./backend-stage.js";
import { chordCallCases } from "./chord-call-cases.js";
import { chordCountCases } from "./chord-count-cases.js";
import { chordEntryCases } from "./chord-entry-cases.js";
import { chordOnceCases } from "./chord-once-cases.js";
import { compressionCases } from "./compression-cases.js";
import { groupCases } from "./group-cases.js";
import { limitCases } from "./limit-cases.js";
import { longIdCases } from "./long-id-cases.js";
import { metaCases } from "./meta-cases.js";
import { stateCases } from "./state-cases.js";
import { watchCases } from "./watch-cases.js";

const CASES: readonly BackendCase[] = [
  ...stateCases,
  ...metaCases,
  ...watchCases,
  ...compressionCases,
  ...groupCases,
  ...chordCountCases,
  ...chordEntryCases,
  ...chordOnceCases,
  ...chordCallCases,
  ...limitCases,
  ...longIdCases,
];

/**
 * Everything the `ResultBackend` port promises, as cases for any test runner.
 * @param create - Makes a backend on an empty store; called once per case.
 * @throws Error when `options.skip` names a case that does not exist.
 */
export function backendContract(
  create: CreateBackendFixture,
  options: ContractOptions = {},
): readonly ContractCase<BackendAbility>[] {
  return bindCases<BackendStage, BackendAbility>(
    CASES,
    {
      open: async (timing) => new BackendStage(await create(), timing),
      abilities: abilitiesOf,
      close: (stage) => stage.close(),
    },
    options,
  );
}

function abilitiesOf(stage: BackendStage): ReadonlySet<BackendAbility> {
  const abilities = new Set<BackendAbility>();
  if (stage.backend.chords !== undefined) abilities.add("chords");
  if (stage.fixture.createCompressingPeer !== undefined) abilities.add("compress");
  if (stage.fixture.loseChordSize !== undefined) abilities.add("loseChordSize");
  if ((stage.fixture.maxIdLength ?? Number.POSITIVE_INFINITY) >= 200) abilities.add("longIds");
  if (stage.fixture.maxIdLength !== undefined) abilities.add("idLimit");
  if (stage.fixture.putRaw !== undefined) abilities.add("putRaw");
  if (stage.fixture.stall !== undefined) abilities.add("stall");
  return abilities;
}
