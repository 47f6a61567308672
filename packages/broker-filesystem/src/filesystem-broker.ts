import { randomUUID } from "node:crypto";
import type {
  AdapterContext,
  Broker,
  BrokerDescription,
  BrokerFactory,
  CallOptions,
  Consumer,
  DeadLetterStore,
  Fanout,
  Parking,
  Queue,
  QueueAdmin,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { FolderConsumer } from "./consume/folder-consumer.js";
import { type FilesystemBrokerOptions, parseFolderOptions, parseFolderUrl } from "./folder/folder-options.js";
import { Declarations } from "./publish/declarations.js";
import { FolderFanout } from "./publish/fanout.js";
import { noteListener } from "./publish/listener-note.js";
import { type StagedMessage, stageMessage } from "./publish/publish.js";
import { closed, Session } from "./session.js";
import { folderDeadLetters } from "./store/dead-letters.js";
import { folderParking } from "./store/parking.js";
import { folderQueueAdmin } from "./store/queue-admin.js";

/** How many message files are written at once by `publishMany`. */
const WRITES = 16;

/** kombu's filesystem transport: messages are files, a claim is a rename. */
class FilesystemBroker implements Broker {
  readonly description: BrokerDescription;
  readonly queues: QueueAdmin;
  readonly deadLetters: DeadLetterStore;
  readonly fanout: Fanout;
  readonly parking: Parking;
  readonly #session: Session;
  readonly #declarations: Declarations;
  readonly #fanout: FolderFanout;
  readonly #consumers = new Set<FolderConsumer>();
  #closing: Promise<void> | undefined;

  constructor(options: FilesystemBrokerOptions) {
    this.#session = new Session(parseFolderOptions(options));
    this.#declarations = new Declarations(this.#session.tables);
    this.#fanout = new FolderFanout(this.#session, this.#declarations);
    this.fanout = this.#fanout;
    this.queues = folderQueueAdmin(this.#session, this.#declarations);
    this.deadLetters = folderDeadLetters(this.#session);
    this.parking = folderParking(this.#session);
    const { inFolder } = this.#session.settings;
    this.description = { transport: "filesystem", hostname: "localhost", virtualHost: inFolder };
  }

  publish(message: Message, route: Route, options?: CallOptions): Promise<void> {
    return this.#session.call(`publish to "${route.exchange || route.routingKey}"`, options, async () => {
      const staged = await this.#stage(message, route);
      await staged.place();
    });
  }

  publishMany(
    messages: readonly (readonly [Message, Route])[],
    options?: CallOptions,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#session.call(`publish ${messages.length} messages`, options, () => this.#publishMany(messages));
  }

  async consume(subscription: Subscription, options?: CallOptions): Promise<Consumer> {
    const queues = subscription.queues.map(({ name }) => `"${name}"`).join(", ");
    const opened = await this.#session.call(`consume ${queues}`, options, async () => {
      const { owner, claims } = await this.#session.station();
      const forgets: (() => Promise<void>)[] = [];
      for (const queue of subscription.queues) {
        if (queue.autoDelete === true) forgets.push(await noteListener(owner, randomUUID(), queue));
        await this.#declarations.declare(queue);
      }
      return { claims, forgets };
    });
    if (this.#session.closed) throw closed();
    const { feed, settings } = this.#session;
    const release = this.#session.keep(async () => {
      for (const queue of subscription.queues) await this.#declarations.declare(queue);
    });
    const onClosed = async (consumer: FolderConsumer): Promise<void> => {
      await release();
      this.#consumers.delete(consumer);
      await this.#removeTemporary(consumer.queues);
      for (const forget of opened.forgets) await forget();
    };
    const { partialGraceMs } = settings;
    const consumer = new FolderConsumer({ feed, claims: opened.claims, partialGraceMs, onClosed }, subscription);
    this.#consumers.add(consumer);
    return consumer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const ending = [...this.#consumers].map((consumer) => consumer[Symbol.asyncDispose]());
    await Promise.allSettled([...ending, this.#fanout.close()]);
    await this.#session.close();
  }

  async #stage(message: Message, route: Route): Promise<StagedMessage> {
    if (route.queue !== undefined) await this.#declarations.ensure(route.queue);
    return stageMessage(this.#session, message, route);
  }

  /** Files are written several at a time and become visible one after the other, so that the order holds. */
  async #publishMany(messages: readonly (readonly [Message, Route])[]): Promise<readonly PromiseSettledResult<void>[]> {
    const results: PromiseSettledResult<void>[] = [];
    for (let start = 0; start < messages.length; start += WRITES) {
      const part = messages.slice(start, start + WRITES);
      const staged = await Promise.allSettled(part.map(([message, route]) => this.#stage(message, route)));
      for (const result of staged) {
        const placed = result.status === "fulfilled" ? result.value.place() : Promise.reject(result.reason);
        results.push(...(await Promise.allSettled([placed])));
      }
    }
    return results;
  }

  /** An `autoDelete` queue goes with its last consumer here; such queues belong to one process. */
  async #removeTemporary(queues: readonly Queue[]): Promise<void> {
    for (const queue of queues) {
      const isUsed = [...this.#consumers].some((other) => other.queues.some(({ name }) => name === queue.name));
      if (queue.autoDelete === true && !isUsed) await this.queues.delete(queue).catch(() => undefined);
    }
  }
}

/** Makes a broker on a folder. */
export interface FilesystemBrokerFactory extends BrokerFactory {
  (options?: FilesystemBrokerOptions | string): Broker;
}

/**
 * kombu's filesystem transport: several processes on one machine, Python included, and no server. Takes options, or a URL
 * (`filesystem:///path/to/folder`). Folders are made by the first call.
 * @throws BrokerError `BROKER_REFUSED` for a URL that cannot be understood
 */
export const filesystemBroker: FilesystemBrokerFactory = Object.assign(
  (options: FilesystemBrokerOptions | string = {}): Broker =>
    new FilesystemBroker(typeof options === "string" ? parseFolderUrl(options, {}) : options),
  {
    role: "broker",
    schemes: ["filesystem"],
    fromUrl: (url: string, context: AdapterContext): Broker =>
      new FilesystemBroker(parseFolderUrl(url, context.transportOptions)),
  } as const,
);
