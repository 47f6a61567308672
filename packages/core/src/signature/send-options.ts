import type { App } from "../app/app.js";
import type { EagerRecord } from "../app/eager.js";
import type { TaskRequest } from "../protocol/task-request.js";
import type { WireSignature } from "../protocol/wire-signature.js";

/** Seconds, or text such as `"5s"`, `"1m30s"`. */
export type Duration = number | string;

/** Anything that knows its wire form: a signature. */
export interface SignatureLike {
  toJSON(): WireSignature;
  /** The app whose tasks made it, and that sends it; absent for signatures that only compose. */
  readonly "~app"?: App | undefined;
  /** Runs it here instead of a task that has replaced itself in eager mode; absent for tasks, which core runs itself. */
  readonly "~takeOver"?: ((app: App, task: TaskRequest) => Promise<EagerRecord>) | undefined;
}

/** One callback or several. */
export type Callbacks = SignatureLike | WireSignature | readonly (SignatureLike | WireSignature)[];

/**
 * How a task is sent. Everything is optional; what a call says wins over the task's options, which win over routes and
 * settings. @see Celery user guide, "Calling Tasks".
 */
export interface SendOptions {
  /** Keyword arguments beside the positional ones. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Earliest start, from now. */
  readonly countdown?: Duration;
  /** Earliest start. Text is ISO 8601; without offset it is UTC. */
  readonly eta?: Date | string;
  /** Not run after this: from now, or a moment. */
  readonly expires?: Duration | Date;
  /** 0–9 on Redis (0 first), 0–255 on RabbitMQ (highest first). */
  readonly priority?: number;
  readonly queue?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  /** Name of a registered serializer. Default `taskSerializer`. */
  readonly serializer?: string;
  /** Name of a registered compression. Default `taskCompression`. */
  readonly compression?: string;
  /** 2 persistent (default), 1 transient. */
  readonly deliveryMode?: 1 | 2;
  /** Custom headers for the message. */
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly taskId?: string;
  /** Name shown in logs and events. */
  readonly shadow?: string;
  /** Sent with the result when the task succeeds. */
  readonly link?: Callbacks;
  /** Sent with the id of the task when it fails. */
  readonly linkError?: Callbacks;
  /** Hard limit: the task is killed. */
  readonly timeLimit?: Duration;
  /** Soft limit: the task's `signal` aborts. */
  readonly softTimeLimit?: Duration;
  readonly ignoreResult?: boolean;
  readonly replyTo?: string;
  readonly rootId?: string;
  readonly parentId?: string;
  readonly groupId?: string;
  readonly groupIndex?: number;
  /** Shown in logs and events instead of the arguments. */
  readonly argsrepr?: string;
  readonly kwargsrepr?: string;
  /** False: not recorded as a child of the running task. Default true. */
  readonly addToParent?: boolean;
  /** Stamps: name to text or list of texts. */
  readonly stamps?: Readonly<Record<string, string | readonly string[]>>;
  /** Further message properties. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Deadline of the publish itself. Default `publishTimeout`. */
  readonly publishTimeout?: Duration;
  readonly signal?: AbortSignal;
}
