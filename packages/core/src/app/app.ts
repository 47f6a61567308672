import type { Contract } from "../contract/contract.js";
import type { TaskContext } from "../execution/task-context.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { TaskOptions } from "../execution/task-options.js";
import type { Broker, Clock, Logger, ResultBackend } from "../ports/index.js";
import type { Compressions, Serializers } from "../protocol/index.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { Router } from "../routing/index.js";
import type { Settings } from "../settings/index.js";
import type { SendOptions } from "../signature/send-options.js";
import type { Signature } from "../signature/signature.js";
import type { InferInput, InferOutput, StandardSchema } from "../standard-schema/standard-schema.js";
import type { AppConfig } from "./app-config.js";
import type { TaskCall } from "./plan-send.js";
import type { ResultHandle } from "./result-handle.js";
import type { Sending } from "./sending.js";
import type { RemoteTask, Task } from "./task.js";

/** Typed stubs for a record of contracts. */
export type Client<Contracts> = {
  readonly [K in keyof Contracts]: Contracts[K] extends Contract<infer Args, infer Result, infer _Received>
    ? RemoteTask<Args, Result>
    : never;
};

/** Any contract, in positions where only its shape matters. */
export type AnyContract = Contract<readonly unknown[], unknown, readonly unknown[]>;

/**
 * A set of tasks with the broker and the result backend they use. Several may live in one process; none is global.
 * Creating one does no I/O.
 */
export interface App extends AsyncDisposable {
  readonly name: string;
  readonly settings: Settings;
  /** @throws ConfigError when the app has no broker. */
  readonly broker: Broker;
  readonly backend: ResultBackend | undefined;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly router: Router;
  readonly serializers: Serializers;
  readonly compressions: Compressions;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Identifies this app in `reply_to`: the queue in which its result backend hears of results, where there is one. */
  readonly oid: string;

  /** Registers a function as a task. Its name is the contract on the wire. @throws ConfigError for a name taken. */
  task<Args extends readonly unknown[], Result>(
    name: string,
    fn: (...args: Args) => Result,
  ): Task<Args, Awaited<Result>>;
  /** With a schema: one object, checked on both sides, which travels as keyword arguments. */
  task<I extends StandardSchema, Result, P extends StandardSchema = StandardSchema<unknown>>(
    name: string,
    options: TaskOptions & { readonly input: I; readonly output?: StandardSchema; readonly progress?: P },
    fn: (input: InferOutput<I>, context: TaskContext<InferOutput<P>>) => Result,
  ): Task<[input: InferInput<I>], Awaited<Result>, InferOutput<P>>;
  /** With `bind`: the context is the first parameter. */
  task<Args extends readonly unknown[], Result, P extends StandardSchema = StandardSchema<unknown>>(
    name: string,
    options: TaskOptions & { readonly bind: true; readonly output?: StandardSchema; readonly progress?: P },
    fn: (context: TaskContext<InferOutput<P>>, ...args: Args) => Result,
  ): Task<Args, Awaited<Result>, InferOutput<P>>;
  task<Args extends readonly unknown[], Result, P extends StandardSchema = StandardSchema<unknown>>(
    name: string,
    options: TaskOptions & { readonly bind?: false; readonly output?: StandardSchema; readonly progress?: P },
    fn: (...args: Args) => Result,
  ): Task<Args, Awaited<Result>, InferOutput<P>>;

  /** A task whose code lives elsewhere. */
  remote<Args extends readonly unknown[], Result, Received extends readonly unknown[]>(
    contract: Contract<Args, Result, Received>,
  ): RemoteTask<Args, Result>;
  /** Stubs for many contracts. */
  client<const Contracts extends Readonly<Record<string, AnyContract>>>(contracts: Contracts): Client<Contracts>;
  /** Registers the code behind a contract. @throws ConfigError for a name taken. */
  implement<Args extends readonly unknown[], Result, Received extends readonly unknown[]>(
    contract: Contract<Args, Result, Received>,
    fn: (...args: Received) => Result | Promise<Result>,
  ): Task<Args, Result>;
  implement<Args extends readonly unknown[], Result, Received extends readonly unknown[]>(
    contract: Contract<Args, Result, Received>,
    options: TaskOptions,
    fn: (...args: Received) => Result | Promise<Result>,
  ): Task<Args, Result>;

  /** Sends a task by name, without types: the escape hatch. */
  send<Result = unknown>(name: string, args?: readonly unknown[], options?: SendOptions): Sending<Result>;
  /** A signature by name. */
  signature<Result = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: SendOptions,
  ): Signature<readonly unknown[], Result, Sending<Result>>;
  /**
   * Sends a task's signature that came over the wire; `args` go before its own unless it is immutable.
   * @throws ArgumentError for a chain, group or chord: those are workflows, which canvas sends.
   */
  sendSignature<Result = unknown>(
    signature: WireSignature,
    args?: readonly unknown[],
    options?: SendOptions,
    embed?: TaskCall["embed"],
  ): Sending<Result>;
  /** Sends one planned call: what workflows are made of. Its definition is looked up here. */
  sendCall<Result = unknown>(call: Omit<TaskCall, "definition">): Sending<Result>;
  /** A handle for a task sent earlier or elsewhere. */
  result<Result = unknown, Progress = unknown>(id: string): ResultHandle<Result, Progress>;

  /**
   * Changes the configuration before anything was opened: what the command line does.
   * @throws ConfigError afterwards, or for wrong settings.
   */
  configure(overrides: AppConfig): void;
  /** Closes what was opened. Sends fail afterwards. */
  close(): Promise<void>;
}
