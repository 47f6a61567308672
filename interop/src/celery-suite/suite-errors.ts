/** `t.integration.tasks.ExpectedException`: the suite compares its class and arguments. */
export class ExpectedException extends Error {
  static readonly pythonModule = "t.integration.tasks";
  readonly pythonArgs: readonly unknown[];

  constructor(...args: readonly unknown[]) {
    super(args.map(String).join(", "));
    this.name = "ExpectedException";
    this.pythonArgs = args;
  }
}

/**
 * What Celery stores for `t.integration.tasks.UnpickleableException`: its wrapper for exceptions that cannot be rebuilt,
 * with the module, class and arguments of the original.
 */
export class UnpickleableException extends Error {
  static readonly pythonModule = "celery.utils.serialization";
  static readonly pythonType = "UnpickleableExceptionWrapper";
  readonly pythonArgs: readonly unknown[];

  constructor(foo: unknown) {
    super(String(foo));
    this.pythonArgs = ["t.integration.tasks", "UnpickleableException", [foo], `UnpickleableException(${String(foo)})`];
  }
}

/** Python's own, for tasks of the suite that raise it. */
export class ValueError extends Error {
  static readonly pythonModule = "builtins";
  readonly pythonArgs: readonly unknown[];

  constructor(...args: readonly unknown[]) {
    super(args.map(String).join(", "));
    this.name = "ValueError";
    this.pythonArgs = args;
  }
}
