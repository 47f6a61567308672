import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Contract } from "../contract/contract.js";
import { BrokerError, ConfigError } from "../errors/index.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { Broker, Clock, Logger, ResultBackend } from "../ports/index.js";
import type { Compressions, Serializers } from "../protocol/index.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { Router } from "../routing/index.js";
import type { Settings } from "../settings/index.js";
import type { SendOptions } from "../signature/send-options.js";
import type { Signature } from "../signature/signature.js";
import { createSignature } from "../signature/signature.js";
import { optionsToWire } from "../signature/wire-options.js";
import type { AnyContract, App, Client } from "./app.js";
import type { AppConfig } from "./app-config.js";
import type { Assembly } from "./assemble.js";
import { assemble } from "./assemble.js";
import { callDirectly } from "./call-directly.js";
import type { DefineOptions, TaskFunction } from "./define-task.js";
import { defineTask } from "./define-task.js";
import { dispatchCall } from "./dispatch-call.js";
import type { TaskCall } from "./plan-send.js";
import { brokerFromUrl, resolveBackend } from "./resolve-adapters.js";
import type { ResultHandle } from "./result-handle.js";
import { createResultHandle } from "./result-handle.js";
import type { Sending } from "./sending.js";
import { signatureCall } from "./signature-call.js";
import type { RemoteTask } from "./task.js";
import type { StubSender } from "./task-stub.js";
import { createStub } from "./task-stub.js";

/**
 * Creates an app. All that is wrong with the configuration is reported at once, before anything is opened.
 * @throws ConfigError
 */
export function createApp(name: string, config: AppConfig = {}): App {
  return new CeleriacApp(name, config);
}

class CeleriacApp implements App {
  readonly name: string;
  readonly #oid: string = randomUUID();
  readonly #origin = `gen${process.pid}@${hostname()}`;
  readonly #tasks = new Map<string, TaskDefinition>();
  #config: AppConfig;
  #assembly: Assembly;
  #broker: Broker | undefined;
  #backend: ResultBackend | undefined;
  #closed = false;
  readonly #brokerOf = (): Broker => this.broker;
  readonly #backendOf = (): ResultBackend | undefined => this.backend;

  constructor(name: string, config: AppConfig) {
    this.name = name;
    this.#config = config;
    this.#assembly = assemble(config);
  }

  /** A backend that hears of results itself says where; one that a URL names was told `#oid`. */
  get oid(): string {
    const { backend } = this.#config;
    return typeof backend === "object" ? (backend.replies?.address ?? this.#oid) : this.#oid;
  }
  get settings(): Settings {
    return this.#assembly.settings;
  }
  get router(): Router {
    return this.#assembly.router;
  }
  get serializers(): Serializers {
    return this.#assembly.serializers;
  }
  get compressions(): Compressions {
    return this.#assembly.compressions;
  }
  get logger(): Logger {
    return this.#assembly.logger;
  }
  get clock(): Clock {
    return this.#assembly.clock;
  }
  get tasks(): ReadonlyMap<string, TaskDefinition> {
    return this.#tasks;
  }

  get broker(): Broker {
    if (this.#closed) throw new BrokerError(`App "${this.name}" is closed.`, { code: "BROKER_CLOSED" });
    this.#broker ??= this.#openBroker();
    return this.#broker;
  }

  get backend(): ResultBackend | undefined {
    if (this.#closed) return this.#backend;
    this.#backend ??= resolveBackend(this.#config, this.#assembly, this.#oid);
    return this.#backend;
  }

  #openBroker(): Broker {
    const { broker, adapters = [] } = this.#config;
    const [url, ...alternates] = [this.settings.brokerUrl ?? []].flat();
    const chosen = broker ?? url;
    if (chosen === undefined || chosen === "") {
      throw new ConfigError([
        {
          key: "broker",
          message: `app "${this.name}" has no broker. Give it one, for example createApp("${this.name}", { broker: redisBroker("redis://localhost:6379/0") }).`,
        },
      ]);
    }
    if (typeof chosen !== "string") return chosen;
    return brokerFromUrl(chosen === url ? [chosen, ...alternates] : [chosen], adapters, this.settings);
  }

  configure(overrides: AppConfig): void {
    if (this.#broker !== undefined || this.#backend !== undefined) {
      throw new ConfigError([
        {
          key: "configure",
          message: `app "${this.name}" has already opened its broker or backend. Configure it before the first send.`,
        },
      ]);
    }
    const config = { ...this.#config, ...overrides };
    this.#assembly = assemble(config);
    this.#config = config;
  }

  readonly task: App["task"] = ((name: string, optionsOrFn: DefineOptions | TaskFunction, fn?: TaskFunction) =>
    this.#define(name, optionsOrFn, fn)) as App["task"]; // one implementation behind the typed overloads

  readonly implement: App["implement"] = ((
    contract: AnyContract,
    optionsOrFn: DefineOptions | TaskFunction,
    fn?: TaskFunction,
  ) => {
    const [options, body] = typeof optionsOrFn === "function" ? [{}, optionsOrFn] : [optionsOrFn, fn];
    const { input, output } = contract;
    return this.#define(
      contract.name,
      { ...options, ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) },
      body,
    );
  }) as App["implement"]; // typed by the contract

  remote<Args extends readonly unknown[], Result, Received extends readonly unknown[]>(
    contract: Contract<Args, Result, Received>,
  ): RemoteTask<Args, Result> {
    const { name, input } = contract;
    return createStub(
      name,
      { style: input === undefined ? "positional" : "schema", input },
      this.#stubSender(),
    ) as unknown as RemoteTask<Args, Result>; // typed by the contract
  }

  client<const Contracts extends Readonly<Record<string, AnyContract>>>(contracts: Contracts): Client<Contracts> {
    const stubs = Object.entries(contracts).map(([key, item]) => [key, this.remote(item)] as const);
    return Object.fromEntries(stubs) as Client<Contracts>; // one stub per contract, by construction
  }

  send<Result>(name: string, args: readonly unknown[] = [], options: SendOptions = {}): Sending<Result> {
    return this.#dispatch<Result>({ name, args, options, definition: this.#tasks.get(name) });
  }

  signature<Result>(
    name: string,
    args: readonly unknown[] = [],
    options: SendOptions = {},
  ): Signature<readonly unknown[], Result, Sending<Result>> {
    const { kwargs = {}, ...rest } = options;
    return createSignature<readonly unknown[], Result, Sending<Result>>(
      { task: name, args, kwargs, options: optionsToWire(rest) },
      this.#signatureSender<Result>(),
      this,
    );
  }

  sendSignature<Result>(
    signature: WireSignature,
    args: readonly unknown[] = [],
    options: SendOptions = {},
    embed?: TaskCall["embed"],
  ): Sending<Result> {
    const added = { args, options, ...(embed === undefined ? {} : { embed }) };
    return this.#dispatch<Result>(signatureCall(signature, added, this.#tasks.get(signature.task)));
  }

  sendCall<Result>(call: Omit<TaskCall, "definition">): Sending<Result> {
    return this.#dispatch<Result>({ ...call, definition: this.#tasks.get(call.name) });
  }

  result<Result, Progress>(id: string): ResultHandle<Result, Progress> {
    return createResultHandle<Result, Progress>({ backend: this.backend }, id);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([this.#broker?.[Symbol.asyncDispose](), this.#backend?.[Symbol.asyncDispose]()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #dispatch<Result>(call: TaskCall): Sending<Result> {
    return dispatchCall<Result>(call, {
      app: this,
      assembly: this.#assembly,
      origin: this.#origin,
      broker: this.#brokerOf,
      backend: this.#backendOf,
    });
  }

  #define(name: string, optionsOrFn: DefineOptions | TaskFunction, fn?: TaskFunction): unknown {
    const [options, body] = typeof optionsOrFn === "function" ? [{}, optionsOrFn] : [optionsOrFn, fn];
    if (typeof body !== "function") {
      throw new ConfigError([
        { key: `task "${name}"`, message: "the function is missing: app.task(name, options, fn)." },
      ]);
    }
    const definition = defineTask(name, options, body);
    if (this.#tasks.has(name)) {
      throw new ConfigError([
        {
          key: `task "${name}"`,
          message:
            "another task of this app has this name. Names are the contract on the wire: give each task its own.",
        },
      ]);
    }
    this.#tasks.set(name, definition);
    const stub = createStub(name, definition, this.#stubSender(definition));
    const inline = (...args: unknown[]): Promise<unknown> => callDirectly(this, definition, args);
    Object.defineProperty(inline, "name", { value: name }); // a function's own name is read-only
    return Object.assign(inline, { delay: stub.delay, call: stub.call, s: stub.s, si: stub.si, definition });
  }

  #stubSender(definition?: TaskDefinition): StubSender {
    return {
      app: this,
      send: (name, args, options) => this.#dispatch({ name, args, options, definition }),
      sendSignature: this.#signatureSender(),
    };
  }

  #signatureSender<Result>(): (
    signature: WireSignature,
    args: readonly unknown[],
    options: SendOptions,
  ) => Sending<Result> {
    return (signature, args, options) => this.sendSignature<Result>(signature, args, options);
  }
}
