import type { TaskDefinition } from "../execution/task-definition.js";
import type { DropLast, Trailing } from "../signature/partial.js";
import type { SendOptions } from "../signature/send-options.js";
import type { Signature } from "../signature/signature.js";
import type { Sending } from "./sending.js";

/** A task that can be sent; its code may live anywhere. */
export interface RemoteTask<Args extends readonly unknown[], Result, Progress = unknown> {
  readonly name: string;
  /** Sends it. The arguments are the task's own. */
  delay(...args: Args): Sending<Result, Progress>;
  /** Sends it with options: `add.call([1, 2], { countdown: "10s" })`. */
  call(args: Args, options?: SendOptions): Sending<Result, Progress>;
  /** A signature with the trailing arguments given; what comes later goes before them. */
  s<Given extends Trailing<Args>>(...args: Given): Signature<DropLast<Args, Given>, Result, Sending<Result, Progress>>;
  /** An immutable signature: ignores the result of the task before it. */
  si(...args: Args): Signature<readonly [], Result, Sending<Result, Progress>>;
}

/** A task whose code is here: also a plain function. Calling it runs it now, in this process, without a queue. */
export interface Task<Args extends readonly unknown[], Result, Progress = unknown>
  extends RemoteTask<Args, Result, Progress> {
  (...args: Args): Promise<Result>;
  readonly definition: TaskDefinition;
}
