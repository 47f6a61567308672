import { describe, expect, it } from "vitest";
import { createApp } from "../app/create-app.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";
import { bindArguments } from "./arguments.js";
import type { TaskDefinition } from "./task-definition.js";

const anything: StandardSchema<unknown> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
};

const app = createApp("test");
const plain = app.task("plain", (_a: number, _b: number, _c = 3) => 1).definition;
const bound = app.task("bound", { bind: true }, (_ctx, _a: number) => 1).definition;
const named = app.task("named", { params: ["a", "b", "c"] }, (_a: number, _b: number, _c = 3) => 1).definition;
const optional = app.task("optional", (_a: number, _b?: number) => 1).definition;
const marked = app.task("marked", { params: ["a", "b?"] }, (_a: number, _b?: number) => 1).definition;
const schema = app.task("schema", { input: anything }, () => 1).definition;

describe("bindArguments", () => {
  it.each<[string, TaskDefinition, readonly unknown[], Record<string, unknown>, readonly unknown[]]>([
    ["positional", plain, [1, 2], {}, [1, 2]],
    ["fewer than the function's length, when no names say which it needs", optional, [1], {}, [1]],
    ["without what the names call optional", marked, [1], {}, [1]],
    ["with what has a default", plain, [1, 2, 5], {}, [1, 2, 5]],
    ["without the context", bound, [1], {}, [1]],
    ["by name", named, [], { b: 2, a: 1 }, [1, 2]],
    ["mixed", named, [1], { c: 5, b: 2 }, [1, 2, 5]],
    ["one object for a schema, from keywords", schema, [], { x: 1 }, [{ x: 1 }]],
    ["one object for a schema, from a parent's result", schema, [{ x: 1 }], {}, [{ x: 1 }]],
  ])("%s", async (_name, task, args, kwargs, expected) => {
    expect(await bindArguments(task, args, kwargs)).toEqual(expected);
  });

  it.each<[string, TaskDefinition, readonly unknown[], Record<string, unknown>, string]>([
    ["too few", named, [1], {}, "named() takes at least 2 positional arguments but 1 was given"],
    ["names nobody declared", plain, [1], { b: 2 }, "declares no names"],
    ["an unknown name", named, [1], { x: 2 }, "unexpected keyword argument 'x'"],
    ["a value twice", named, [1], { a: 2 }, "multiple values for argument 'a'"],
    ["a hole", named, [], { b: 2 }, "missing 1 required positional argument: 'a'"],
    ["two objects for a schema", schema, [1, 2], {}, "takes one object"],
  ])("refuses %s", async (_name, task, args, kwargs, message) => {
    await expect((async () => bindArguments(task, args, kwargs))()).rejects.toThrow(message);
  });
});
