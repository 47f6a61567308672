/**
 * One channel that takes messages: opens consumers as the credit allows, and hands over what they are pushed. It ends with
 * its channel and never comes back.
 * @module
 */

import { type AmqpSession, channelFailure, replyCode, together } from "@celeriac/amqp-connection";
import { BrokerError } from "@celeriac/core/errors";
import type { Queue } from "@celeriac/core/ports";
import type { Channel, ConsumeMessage } from "amqplib";
import type { HeldClaim } from "./held-claim.js";
import { planCredit } from "./plan-credit.js";
import { Settlements } from "./settlements.js";

export interface IntakeOptions {
  readonly session: AmqpSession;
  readonly channel: Channel;
  readonly queues: readonly Queue[];
  readonly noAck: boolean;
  /** Hears of every message, in the order of its channel. */
  readonly onMessage: (message: ConsumeMessage, queue: string) => void;
  /** There is room again. */
  readonly onRoom: () => void;
  /** The server pushes less from here on; there may be no room for what it has pushed. */
  readonly onNarrowed: () => void;
  /** The channel ended while somebody held these. */
  readonly onLost?: (holders: readonly HeldClaim[]) => void;
  /** No message will come any more: the channel has ended, or a queue is gone. Called once. */
  readonly onEnd: (error: BrokerError) => void;
}

interface Grant {
  readonly credit: number;
  readonly consumerTags: readonly string[];
}

/** A window that narrows for a moment only, as one that follows running tasks does, is not worth new consumers. */
const NARROW_AFTER_MS = 250;

export class Intake {
  readonly #options: IntakeOptions;
  readonly settlements: Settlements;
  #grants: readonly Grant[] = [];
  #window = 0;
  /** Unsettled deliveries up to this tag belong to consumers that were replaced. */
  #orphansUpTo = 0;
  #orphans = 0;
  #unsettled = 0;
  #lastTag = 0;
  #starts = 0;
  /** The prefetch count last asked for: asking for it again changes nothing. */
  #credit = 0;
  #adjusting: Promise<void> | undefined;
  #narrowing: NodeJS.Timeout | undefined;
  #isStopping = false;
  #ended: BrokerError | undefined;
  #isGone = false;
  #closeReason: Error | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { channel, onLost } = options;
    this.settlements = new Settlements({
      channel,
      ...(onLost === undefined ? {} : { onLost }),
      barrier: () => channel.prefetch(this.#credit),
      onSettled: (tag) => this.#settled(tag),
    });
    channel.on("error", (error) => {
      this.#closeReason = error;
    });
    channel.on("close", () => this.#channelEnded());
  }

  /** The channel has ended, and with it every delivery that was open. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The server may push more. */
  get isConsuming(): boolean {
    return this.#grants.length > 0;
  }

  /** Unsettled deliveries, those that nobody has seen included. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Resolves when the server has been told. @throws BrokerError when the channel ended meanwhile. */
  async setWindow(window: number): Promise<void> {
    this.#window = window;
    await this.#adjust();
    if (this.#ended !== undefined && !this.#isStopping) throw this.#ended;
  }

  /** Takes no more messages. What was pushed stays open. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#narrowing);
    await this.#adjusting?.catch(() => undefined);
    await this.#restart(0).catch(() => undefined); // a channel that is gone has stopped as well
  }

  /** Ends the channel: what is still open goes back to its queue. */
  async close(): Promise<void> {
    await this.#options.channel.close().catch(() => undefined); // ended already
    this.settlements.lose("its channel was closed");
  }

  /** One change at a time; those asked for meanwhile are made together afterwards. */
  async #adjust(): Promise<void> {
    while (this.#adjusting !== undefined) await this.#adjusting;
    if (this.#ended !== undefined || this.#isStopping) return;
    this.#adjusting = this.#follow().finally(() => {
      this.#adjusting = undefined;
    });
    await this.#adjusting;
  }

  async #follow(): Promise<void> {
    const plan = this.#plan();
    if (plan.kind !== "narrow") {
      clearTimeout(this.#narrowing);
      this.#narrowing = undefined;
    }
    if (plan.kind === "add") await this.#start(plan.credit);
    else if (plan.kind === "restart") await this.#restart(plan.credit);
    else if (plan.kind === "narrow") this.#narrowing ??= setTimeout(() => this.#narrow(), NARROW_AFTER_MS).unref();
  }

  #plan(): ReturnType<typeof planCredit> {
    if (this.#options.noAck) {
      const wanted = this.#window === 0 ? 0 : Number.POSITIVE_INFINITY; // settled on arrival: there is nothing to count
      return planCredit({ window: wanted, grants: this.#grants.map(({ credit }) => credit), orphans: 0, open: 0 });
    }
    return planCredit({
      window: this.#window,
      grants: this.#grants.map(({ credit }) => credit),
      orphans: this.#orphans,
      open: this.#unsettled,
    });
  }

  #narrow(): void {
    this.#narrowing = undefined;
    const plan = this.#plan();
    if (plan.kind !== "narrow" || this.#ended !== undefined || this.#isStopping) return;
    this.#adjusting = (this.#adjusting ?? Promise.resolve())
      .then(() => this.#restart(plan.credit))
      .catch(() => undefined) // the end of the channel is reported where everybody hears it
      .finally(() => {
        this.#adjusting = undefined;
        this.#options.onNarrowed();
      });
  }

  /**
   * Nothing is awaited before everything is asked for: an answer to a settlement must not change the count in between. Each
   * time another queue is first, so that a small window, which the first message fills, is not always filled by the same one.
   */
  async #start(credit: number): Promise<void> {
    const { channel, noAck } = this.#options;
    const first = this.#starts % this.#options.queues.length;
    const queues = [...this.#options.queues.slice(first), ...this.#options.queues.slice(0, first)];
    this.#starts += 1;
    const count = Number.isFinite(credit) ? credit : 0;
    this.#credit = count;
    try {
      const counted = noAck ? undefined : channel.prefetch(count);
      const started = queues.map(({ name }) =>
        channel.consume(name, (message) => this.#receive(message, name), { noAck }),
      );
      await together([counted, ...started]);
      const consumerTags = (await Promise.all(started)).map(({ consumerTag }) => consumerTag);
      this.#grants = [...this.#grants, { credit, consumerTags }];
    } catch (error) {
      throw channelFailure(error, `consuming ${queues.map(({ name }) => `"${name}"`).join(", ")}`);
    }
  }

  async #restart(credit: number): Promise<void> {
    const { channel } = this.#options;
    const replaced = this.#grants.flatMap(({ consumerTags }) => consumerTags);
    this.#grants = [];
    await Promise.all(replaced.map((tag) => channel.cancel(tag)));
    this.#orphansUpTo = this.#lastTag;
    this.#orphans = this.#unsettled;
    if (credit > 0) await this.#start(credit);
  }

  #receive(message: ConsumeMessage | null, queue: string): void {
    if (message === null) {
      const text = `RabbitMQ stopped the consumer of queue "${queue}": the queue was deleted, or its node went away.`;
      this.#end(new BrokerError(text, { code: "BROKER_UNAVAILABLE", retryable: true }));
      return;
    }
    if (!this.#options.noAck) {
      this.#lastTag = message.fields.deliveryTag;
      this.#unsettled += 1;
      this.settlements.opened(this.#lastTag);
    }
    this.#options.onMessage(message, queue);
  }

  #settled(tag: number): void {
    this.#unsettled -= 1;
    if (tag <= this.#orphansUpTo) {
      this.#orphans -= 1;
      this.#adjust().catch(() => undefined); // see `#narrow`
    }
    this.#options.onRoom();
  }

  #channelEnded(): void {
    this.#isGone = true;
    const error = endOf(this.#closeReason, this.#options.session.lost);
    try {
      this.settlements.lose(error.message.replace(/\.$/, ""));
    } finally {
      this.#end(error); // whatever goes wrong with what is held: a consumer that never ends is never replaced
    }
  }

  #end(error: BrokerError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    clearTimeout(this.#narrowing);
    this.#options.onEnd(error);
  }
}

function endOf(reason: Error | undefined, lost: BrokerError | undefined): BrokerError {
  if (lost !== undefined) return lost;
  const said = reason?.message ?? "";
  const limit = /acknowledgement on channel \d+ timed out.*?used: (\d+) ms/s.exec(said)?.[1];
  const text =
    reason === undefined
      ? "The connection to RabbitMQ was lost."
      : limit === undefined
        ? `RabbitMQ closed the channel: ${said}.`
        : `RabbitMQ closed the channel because a message was not acknowledged within its consumer_timeout of ${limit} ms. ` +
          "Running tasks go on, but their messages are delivered again. Raise consumer_timeout above the longest task, or acknowledge early.";
  return new BrokerError(text, { code: "BROKER_UNAVAILABLE", retryable: replyCode(reason) !== 403, cause: reason });
}
