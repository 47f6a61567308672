import { type AmqpLink, replyCode, type Topology } from "@celeriac/amqp-connection";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Queue, QueueAdmin } from "@celeriac/core/ports";
import type { Channel } from "amqplib";

export interface QueueAdminOptions {
  readonly link: AmqpLink;
  readonly topology: Topology;
  readonly timeoutMs: number;
  /** A queue was deleted: whoever remembers it as declared must forget it. */
  readonly onDelete: () => void;
}

/** Looking after queues, on the connection that never publishes: a server that blocks publishers still answers there. */
export class AmqpQueueAdmin implements QueueAdmin {
  readonly #options: QueueAdminOptions;

  constructor(options: QueueAdminOptions) {
    this.#options = options;
  }

  declare(queue: Queue, call?: CallOptions): Promise<void> {
    return this.#within(`declaring queue "${queue.name}"`, call, (timeoutMs) =>
      this.#options.topology.declare(queue, { timeoutMs }),
    );
  }

  async length(queue: string, call?: CallOptions): Promise<number> {
    return (await this.#askQueue(`counting queue "${queue}"`, call, (channel) => channel.checkQueue(queue))) ?? 0;
  }

  /** Of several queues that exist together or not at all. */
  async totalLength(queues: readonly string[], call?: CallOptions): Promise<number> {
    const total = await this.ask("counting parked messages", call, async (channel) => {
      const counts = await Promise.all(queues.map((queue) => channel.checkQueue(queue)));
      return counts.reduce((sum, { messageCount }) => sum + messageCount, 0);
    }).catch(orMissing);
    return total ?? 0;
  }

  async purge(queue: string, call?: CallOptions): Promise<number> {
    return (await this.#askQueue(`purging queue "${queue}"`, call, (channel) => channel.purgeQueue(queue))) ?? 0;
  }

  /** Its bindings go with it; the exchange stays, as others may use it. */
  async delete(queue: Queue, call?: CallOptions): Promise<void> {
    await this.#askQueue(`deleting queue "${queue.name}"`, call, (channel) => channel.deleteQueue(queue.name));
    this.#options.onDelete();
  }

  /** Runs `work` on a channel of its own. @throws BrokerError, or the signal's reason. */
  ask<T>(doing: string, call: CallOptions | undefined, work: (channel: Channel) => Promise<T>): Promise<T> {
    return this.#within(doing, call, async (timeoutMs) => {
      const { link, topology } = this.#options;
      return topology.use(await link.connect(doing, { timeoutMs }), doing, work);
    });
  }

  async #askQueue(
    doing: string,
    call: CallOptions | undefined,
    work: (channel: Channel) => Promise<{ readonly messageCount: number }>,
  ): Promise<number | undefined> {
    return this.ask(doing, call, async (channel) => (await work(channel)).messageCount).catch(orMissing);
  }

  #within<T>(doing: string, call: CallOptions | undefined, work: (timeoutMs: number) => Promise<T>): Promise<T> {
    const { link, timeoutMs: ours } = this.#options;
    const { signal, timeoutMs = ours } = call ?? {};
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return withDeadline(work(timeoutMs), { timeoutMs, signal }, () => link.unavailable(doing));
  }
}

/** What is not there has no messages. */
function orMissing(error: unknown): undefined {
  if (replyCode(error instanceof Error ? error.cause : undefined) === 404) return undefined;
  throw error;
}
