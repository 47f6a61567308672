/**
 * Consumer timeouts in the ledger. They are RabbitMQ's doing, so its own log says when each struck and on which connection; the
 * name of the connection says which worker that was.
 * @module
 */
import { type Ledger, monotonicUs } from "../ledger/ledger.js";
import type { OwnRabbit } from "./rabbit-server.js";

/** Connections last as long as their workers, so looking now and then is enough. */
const LOOK_MS = 500;
/** A worker that is busy starts bodies until it reads that its channel is gone. */
const NOTICE_US = 500_000n;

export class ConsumerTimeouts implements Disposable {
  readonly #rabbit: OwnRabbit;
  readonly #names = new Map<number, string>();
  readonly #timer: NodeJS.Timeout;

  constructor(rabbit: OwnRabbit) {
    this.#rabbit = rabbit;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /**
   * Writes one fault for each; it covers the worker whose channel it was, and nobody else.
   * @param faults - How many faults are in the ledger already.
   * @returns How many there were.
   */
  record(ledger: Ledger, faults: number): number {
    const nowMs = Date.now();
    const nowUs = monotonicUs();
    const timeouts = this.#rabbit.consumerTimeouts();
    timeouts.forEach(({ atMs, port }, index) => {
      const fault = faults + index + 1;
      const atUs = nowUs - BigInt(nowMs - atMs) * 1000n;
      const boot = this.#names.get(port)?.split(" ")[0]; // the name is followed by what the connection is for
      const cover = boot === undefined ? {} : { boots: [boot] };
      ledger.write("X", { atUs, extra: { fault, what: "consumer-timeout", phase: "begin", ...cover } });
      ledger.write("X", { atUs: atUs + NOTICE_US, extra: { fault, what: "consumer-timeout", phase: "end" } });
    });
    return timeouts.length;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      for (const [port, name] of await this.#rabbit.connectionNames()) this.#names.set(port, name);
    } catch {
      // it is starting, or stopping: the next look finds what there is
    }
  }
}
