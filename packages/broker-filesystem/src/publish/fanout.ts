import { randomUUID } from "node:crypto";
import type { CallOptions, Fanout, Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { listenersOf } from "../exchange/binding-entry.js";
import { closed, type Session } from "../session.js";
import { purgeQueue } from "../store/queue-folder.js";
import type { Declarations } from "./declarations.js";
import { noteListener } from "./listener-note.js";
import { type Hearer, Listening } from "./listening.js";
import { stageFor } from "./publish.js";

/** kombu's way: every listener has a queue, bound in the table of the exchange, and gets a copy of its own. */
export class FolderFanout implements Fanout {
  readonly #session: Session;
  readonly #declarations: Declarations;
  readonly #open = new Set<AsyncDisposable>();

  constructor(session: Session, declarations: Declarations) {
    this.#session = session;
    this.#declarations = declarations;
  }

  broadcast(message: Message, exchange: string, routingKey: string, options?: CallOptions): Promise<void> {
    return this.#session.call(`broadcast to exchange "${exchange}"`, options, async () => {
      const queues = listenersOf(await this.#session.tables.read(exchange), routingKey);
      const staged = await stageFor(this.#session, message, { exchange, routingKey }, queues);
      await staged.place();
    });
  }

  async listen(queue: Queue, onMessage: Hearer): Promise<AsyncDisposable> {
    const { inFolder } = this.#session.settings;
    const listening = await this.#session.call(`listen on queue "${queue.name}"`, undefined, async () => {
      const { owner, claims } = await this.#session.station();
      const forget = await noteListener(owner, randomUUID(), queue);
      await purgeQueue(inFolder, queue.name); // left by a namesake that died
      await this.#declarations.declare(queue);
      return { claims, forget };
    });
    if (this.#session.closed) throw closed();
    const release = this.#session.keep(() => this.#declarations.declare(queue));
    const hearing = new Listening(this.#session, queue, listening.claims, onMessage);
    const stop = async (): Promise<void> => {
      this.#open.delete(disposable);
      await release();
      await hearing[Symbol.asyncDispose]();
      try {
        await this.#declarations.remove(queue);
        await purgeQueue(inFolder, queue.name);
        await listening.forget();
      } catch {
        // The folder is away; the note stays, and the next sweep after our end does the rest.
      }
    };
    let stopping: Promise<void> | undefined;
    const disposable: AsyncDisposable = {
      [Symbol.asyncDispose]: () => {
        stopping ??= stop();
        return stopping;
      },
    };
    this.#open.add(disposable);
    return disposable;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((listening) => listening[Symbol.asyncDispose]()));
  }
}
