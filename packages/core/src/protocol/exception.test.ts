import { describe, expect, it } from "vitest";
import { ArgumentError, EncodeError, TaskError, TimeLimitExceeded } from "../errors/index.js";
import { decodeException, encodeException } from "./exception.js";
import { formatTraceback } from "./traceback.js";

class OrderError extends Error {}
class NamedError extends Error {
  override readonly name = "PaymentError";
}
class Specific extends TypeError {}
class OwnLimit extends TimeLimitExceeded {}

function named(name: string): Error {
  const error = new Error("boom");
  error.name = name;
  return error;
}

describe("encodeException", () => {
  it.each<[string, unknown, string, string, readonly unknown[]]>([
    ["an Error", new Error("boom"), "Error", "celeriac.errors", ["boom"]],
    ["an error of the engine that Python has too", new TypeError("boom"), "TypeError", "builtins", ["boom"]],
    ["an error of the engine that Python has not", new RangeError("boom"), "RangeError", "celeriac.errors", ["boom"]],
    ["an error named as Python's", named("ValueError"), "ValueError", "builtins", ["boom"]],
    ["a class by its own name", new OrderError("boom"), "OrderError", "celeriac.errors", ["boom"]],
    ["a subclass of an engine class", new Specific("boom"), "Specific", "celeriac.errors", ["boom"]],
    ["a class with a given name", new NamedError("boom"), "PaymentError", "celeriac.errors", ["boom"]],
    ["what would end a Python client", named("SystemExit"), "SystemExit", "celeriac.errors", ["boom"]],
    ["a subclass of our own", new OwnLimit(6), "TimeLimitExceeded", "billiard.exceptions", [6]],
    ["our own with a Python type", new ArgumentError("bad"), "TypeError", "builtins", ["bad"]],
    ["a limit", new TimeLimitExceeded(5), "TimeLimitExceeded", "billiard.exceptions", [5]],
    ["an encode error", new EncodeError("x"), "EncodeError", "kombu.exceptions", ["x"]],
    ["a text", "boom", "Error", "celeriac.errors", ["boom"]],
    ["an object with a message", { message: "boom" }, "Error", "celeriac.errors", ["boom"]],
    ["an object shaped as an error", { name: "KeyError", message: "k" }, "KeyError", "builtins", ["k"]],
    ["another object", { a: [1] }, "Error", "celeriac.errors", ["{'a': [1]}"]],
    ["nothing", undefined, "Error", "celeriac.errors", ["None"]],
    ["a name no class can have", named("a b\u0000c"), "a_b_c", "celeriac.errors", ["boom"]],
  ])("stores %s", (_name, error, type, module, args) => {
    expect(encodeException(error)).toEqual({ exc_type: type, exc_module: module, exc_message: args });
  });

  it("keeps the class of another task's failure", () => {
    const failure = { type: "ShopError", module: "shop.errors", args: ["x", 1], traceback: null, taskId: "a" };
    expect(encodeException(new TaskError(failure))).toEqual({
      exc_type: "ShopError",
      exc_module: "shop.errors",
      exc_message: ["x", 1],
    });
    expect(encodeException(new TaskError({ ...failure, type: "eval", module: "builtins" })).exc_module).toBe(
      "celeriac.errors",
    );
  });

  it("turns arguments without JSON form into their repr", () => {
    const error = Object.assign(new Error("x"), { pythonArgs: ["a", new Set([1]), Number.NaN, undefined] });
    expect(encodeException(error).exc_message).toEqual(["a", "{1}", "nan", null]);
  });

  it("survives errors that throw when looked at", () => {
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no");
      },
    });
    expect(encodeException(hostile)).toMatchObject({ exc_type: "Error", exc_module: "celeriac.errors" });
    expect(typeof formatTraceback(hostile)).toBe("string");
  });
});

describe("formatTraceback", () => {
  it("shows the stack and every cause", () => {
    const error = new Error("outer", { cause: new TypeError("inner", { cause: "the root" }) });
    const text = formatTraceback(error);
    expect(text).toMatch(/^Error: outer\n {4}at /);
    expect(text).toContain("\n\nCaused by: TypeError: inner\n    at ");
    expect(text.endsWith("\n\nCaused by: the root")).toBe(true);
  });

  it("ends with a cause that refers back, and within 64 Ki characters", () => {
    const error = new Error("a");
    error.cause = error;
    expect(formatTraceback(error).match(/Error: a/g)).toHaveLength(1);
    const huge = formatTraceback(new Error("x".repeat(1_000_000)));
    expect(huge.length).toBeLessThanOrEqual(64 * 1024);
    expect(huge.endsWith("(cut off)")).toBe(true);
  });

  it("names the members of an AggregateError and shows a message set later", () => {
    expect(formatTraceback(new AggregateError([new Error("one"), "two"], "all"))).toMatch(
      /with: Error: one\n {2}with: two$/,
    );
    const error = new Error("before");
    // The stack text is made when it is first read.
    expect(error.stack).toContain("before");
    error.message = "set since";
    expect(formatTraceback(error).startsWith("Error: set since\nError: before")).toBe(true);
  });

  it("shows what is no error", () => {
    expect([formatTraceback("text"), formatTraceback(null), formatTraceback({ a: 1 })]).toEqual([
      "text",
      "None",
      "{'a': 1}",
    ]);
  });
});

describe("decodeException", () => {
  const context = { taskId: "a", traceback: "tb", state: "FAILURE" };

  it("gives type, module and arguments as data", () => {
    const wire = { exc_type: "ValueError", exc_message: ["boom", 1], exc_module: "builtins" };
    const error = decodeException(wire, context);
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({
      code: "TASK_FAILED",
      pyType: "ValueError",
      pyModule: "builtins",
      args: ["boom", 1],
      traceback: "tb",
      taskId: "a",
      message: "ValueError: boom, 1",
    });
  });

  it("reads old forms and marks revoked tasks", () => {
    expect(decodeException({ exc_type: "KeyError", exc_message: "k" }, context)).toMatchObject({
      args: ["k"],
      pyModule: "",
    });
    expect(decodeException({ exc_type: "KeyError" }, context).args).toEqual([]);
    const revoked = { exc_type: "TaskRevokedError", exc_message: ["terminated"], exc_module: "celery.exceptions" };
    expect(decodeException(revoked, { ...context, state: "REVOKED" }).code).toBe("TASK_REVOKED");
    expect(decodeException(null, { ...context, state: "REVOKED" })).toMatchObject({
      pyType: "TaskRevokedError",
      args: [],
    });
  });

  it.each([
    undefined,
    null,
    "boom",
    1,
    [],
    {},
    { exc_type: 1 },
    { exc_type: ["a"], exc_message: { a: 1 } },
    { exc_type: "system", exc_message: { deep: [1n] }, exc_module: "os" },
    JSON.parse('{"exc_type":"__proto__","exc_message":{"__proto__":1},"exc_module":"constructor"}') as unknown,
  ])("takes hostile shape %# for a TaskError", (result) => {
    const error = decodeException(result, context);
    expect(error).toBeInstanceOf(TaskError);
    expect(typeof error.message).toBe("string");
  });
});
