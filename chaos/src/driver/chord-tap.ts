import type { Ledger } from "../ledger/ledger.js";
import { seededRandom } from "../seeded-random.js";
import { chordsOf } from "../system/chord-load.js";
import type { SystemConfig } from "../system/system-config.js";
import { BrokerTap } from "./broker-tap.js";
import { ChordDamage } from "./chord-damage.js";
import type { OwnRedis } from "./redis-server.js";

export interface ChordTap extends Disposable {
  /** Resolves with whether all that reached the broker has been seen, and nothing is added to it any more. */
  isIdle(): Promise<boolean>;
}

/** Watches what reaches the broker, and damages it. It goes past the proxy: nobody cuts it off. */
export async function tapChords(config: SystemConfig, { host, port }: OwnRedis, ledger: Ledger): Promise<ChordTap> {
  const seen = { since: 0 };
  const tap = await BrokerTap.open({ host, port, queue: config.queue });
  const sizes = chordsOf(config).map((chord) => chord.header.length);
  const damage = new ChordDamage({ ledger, random: seededRandom(config.seed + 1000), sizes, broker: tap });
  await tap.watch((push) => {
    seen.since += 1;
    damage.see(push);
  });
  return {
    async isIdle() {
      seen.since = 0;
      await tap.caughtUp();
      const added = await damage.settled();
      return !added && seen.since === 0;
    },
    [Symbol.dispose]: () => tap[Symbol.dispose](),
  };
}
