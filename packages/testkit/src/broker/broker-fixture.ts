import type { Broker } from "@celeriac/core/ports";

/** What a transport may or may not have. `putRaw` and `stall` belong to the fixture, the others to the broker. */
export type BrokerAbility = "fanout" | "once" | "parking" | "priorities" | "putRaw" | "stall" | "takes";

/** A broker on an empty store of its own, made for one case. */
export interface BrokerFixture {
  readonly broker: Broker;
  /** Another broker on the same store, as another process would have. */
  createPeer(): Broker | Promise<Broker>;
  /** Puts bytes that are no envelope where the messages of `queue` wait, as a foreign client could. */
  putRaw?(queue: string, bytes: Uint8Array): Promise<void>;
  /** Makes the store stop answering until `cleanup`, for deadlines. */
  stall?(): Promise<void>;
  /** The priority served first; absent when the transport has no priorities. */
  readonly mostUrgentPriority?: 0 | 9;
  /** An idle consumer asks `Subscription.takes`, and takes what it accepts. */
  readonly takes?: boolean;
  /** Closes the broker and its peers (closed ones too) and removes the store. */
  cleanup(): Promise<void>;
}

/** Called once per case. */
export type CreateBrokerFixture = () => BrokerFixture | Promise<BrokerFixture>;
