import { randomUUID } from "node:crypto";
import { carryOut, chain, chord, group, plan, signatureOf } from "@celeriac/canvas";
import type { ResultBackend, SignatureLike } from "@celeriac/core";
import { context } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import type { Stage } from "./support/stage.js";
import { createStage } from "./support/stage.js";
import { withoutChords } from "./support/wrap-backend.js";

/** Sends a workflow and waits for its result. */
async function run(stage: Stage, workflow: SignatureLike): Promise<unknown> {
  const { steps, result } = plan(workflow, { newId: randomUUID });
  await carryOut(stage.app, steps);
  return collect(stage, result);
}

async function collect(stage: Stage, result: ReturnType<typeof plan>["result"]): Promise<unknown> {
  if (result === null) return undefined;
  const [[id], children] = result;
  if (children !== null) return Promise.all(children.map((child) => collect(stage, child)));
  return stage.app.result(id).get({ timeout: "5s" });
}

const add = (...args: number[]) => signatureOf("add", args);
const sum = () => signatureOf("sum");
const double = () => signatureOf("double");

function mathStage(wrapBackend: (backend: ResultBackend) => ResultBackend = (backend) => backend): Stage {
  const stage = createStage({ wrapBackend, config: { resultChordRetryInterval: 0.02 } });
  stage.app.task("add", (a: number, b: number) => a + b);
  stage.app.task("sum", (list: number[]) => list.flat(9).reduce((total, n) => total + n, 0));
  stage.app.task("double", (n: number) => 2 * n);
  stage.app.task("echo", (value: unknown) => value);
  stage.app.task("fail", (..._args: unknown[]) => {
    throw new Error("bad part");
  });
  return stage;
}

describe.each([
  ["a store that counts", (backend: ResultBackend) => backend],
  ["a store that cannot", withoutChords],
])("workflows with %s", (_name, wrapBackend) => {
  it.each<[string, SignatureLike, unknown]>([
    ["a chain", chain(add(1, 2), add(10), double()), 26],
    ["a group", group(add(1, 1), add(2, 2)), [2, 4]],
    ["a chord", chord([add(1, 1), add(2, 2)], sum()), 6],
    ["a chord without header", chord([], sum()), 0],
    ["a group in a chain", chain(add(1, 1), group(add(1), add(2)), sum(), double()), 14],
    ["a chain that ends in a group", chain(add(1, 1), group(add(1), add(2))), [3, 4]],
    ["a group of chains", group(chain(add(1, 1), double()), add(1, 2)), [4, 3]],
    ["a chord whose body is a chain", chord([add(1, 1), add(2, 2)], chain(sum(), double())), 12],
    ["a chord whose body is a group", chord([add(1, 1), add(2, 2)], group(sum(), sum())), [6, 6]],
    ["a chord in a header", chord([chord([add(1, 1), add(2, 2)], sum()), add(1, 0)], sum()), 7],
    ["chords one after the other", chain(group(add(1, 1), add(2, 2)), sum(), group(add(1), add(2)), sum()), 15],
    [
      "a header of chains",
      chord([chain(add(1, 1), double()), chain(add(2, 2), double())], signatureOf("echo")),
      [4, 8],
    ],
    [
      "a header with groups keeps its shape",
      chord([group(add(1, 1), add(2, 2)), add(3, 3)], signatureOf("echo")),
      [2, 4, 6],
    ],
  ])("%s", async (_title, workflow, expected) => {
    const stage = mathStage(wrapBackend);
    await stage.work();
    expect(await run(stage, workflow)).toEqual(expected);
  });

  it("a failed header fails the body with ChordError, and tells its errback once", async () => {
    const stage = mathStage(wrapBackend);
    const told = vi.fn();
    stage.app.task("told", (id: string) => told(id));
    await stage.work();
    const workflow = chord([add(1, 1), signatureOf("fail")], sum().onError(signatureOf("told")));
    await expect(run(stage, workflow)).rejects.toMatchObject({
      pyType: "ChordError",
      message: expect.stringMatching(/Dependency \S+ raised Error\('bad part'\)/),
    });
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
  });
});

it("a chord whose header holds a chord that failed tells the errback of both once", async () => {
  const stage = mathStage();
  const told = vi.fn();
  stage.app.task("told", (id: string) => told(id));
  stage.app.task("told_other", (id: string) => told(id));
  await stage.work();
  const errback = signatureOf("told");
  const inner = chord([add(1, 1), signatureOf("fail")], sum().onError(errback));
  const workflow = chord([inner, add(1, 0)], sum().onError([errback, signatureOf("told_other")]));
  const { steps, result } = plan(workflow, { newId: randomUUID });
  await carryOut(stage.app, steps);
  await expect(collect(stage, result)).rejects.toMatchObject({ pyType: "ChordError" });
  const outerId = result?.[0][0];
  await vi.waitFor(() => expect(told).toHaveBeenCalledWith(outerId));
  expect(told).toHaveBeenCalledTimes(2);
});

it("a body that never ran has its errbacks as children, as one group", async () => {
  const stage = mathStage();
  stage.app.task("told", (id: string) => id);
  await stage.work();
  const workflow = chord([add(1, 1), signatureOf("fail")], sum().onError(signatureOf("told")));
  const { steps, result } = plan(workflow, { newId: randomUUID });
  await carryOut(stage.app, steps);
  await expect(collect(stage, result)).rejects.toMatchObject({ pyType: "ChordError" });
  const bodyId = result?.[0][0] ?? "";
  const [errbacks] = (await stage.app.backend?.fetch(bodyId))?.children ?? [];
  const [errback] = errbacks?.[1] ?? [];
  expect(await stage.app.result(errback?.[0][0] ?? "").get({ timeout: "5s" })).toBe(bodyId);
});

describe("error callbacks with more than one parameter", () => {
  it("are called with the request, the error and the traceback", async () => {
    const stage = mathStage();
    const told = vi.fn();
    stage.app.task("told", (request: unknown, error: unknown, traceback: unknown) => told(request, error, traceback));
    await stage.work();
    const sent = await stage.app.send("fail", [7], { linkError: signatureOf("told") });
    await vi.waitFor(() => expect(told).toHaveBeenCalled());
    expect(told.mock.calls[0]?.[0]).toMatchObject({ id: sent.id, task: "fail", args: [7], rootId: sent.id });
    expect(told.mock.calls[0]?.[1]).toMatchObject({ pyType: "Error", args: ["bad part"] });
    expect(told.mock.calls[0]?.[2]).toContain("bad part");
  });

  it("are called with their own arguments only when they are immutable, keyword arguments included", async () => {
    const stage = mathStage();
    const told = vi.fn();
    stage.app.task("told", { params: ["message", "key?"] }, (...args: unknown[]) => told(...args));
    await stage.work();
    const linkError = signatureOf("told", ["it failed"], { immutable: true, kwargs: { key: "errors" } });
    await stage.app.send("fail", [7], { linkError });
    await vi.waitFor(() => expect(told.mock.calls).toEqual([["it failed", "errors"]]));
  });
});

describe("replace", () => {
  it.each<[string, SignatureLike, unknown]>([
    ["by a task", add(1, 2), 3],
    ["by a chain", chain(add(1, 2), double()), 6],
    ["by a group", group(add(1, 1), add(2, 2)), [2, 4]],
    ["by a chord", chord([add(1, 1), add(2, 2)], sum()), 6],
  ])("%s gives its result under the task's own id", async (_name, signature, expected) => {
    const stage = mathStage();
    stage.app.task("replaced", () => context().replace(signature));
    await stage.work();
    const sent = await stage.app.send("replaced");
    expect(await sent.get({ timeout: "5s" })).toEqual(expected);
  });

  it("keeps the place in a chain and in a chord", async () => {
    const stage = mathStage();
    stage.app.task("replaced", (n: number) => context().replace(chain(add(n, 1), double())));
    await stage.work();
    const replaced = (...args: number[]) => signatureOf("replaced", args);
    expect(await run(stage, chain(add(1, 1), replaced(), double()))).toBe(12);
    expect(await run(stage, chord([replaced(1), replaced(2)], signatureOf("echo")))).toEqual([4, 6]);
  });

  it("a chord's body that replaces itself by a group returns the group's list", async () => {
    const stage = mathStage();
    stage.app.task("spread", (list: number[]) => context().replace(group(list.map((n) => add(n, 10)))));
    await stage.work();
    expect(await run(stage, chord([add(1, 1), add(2, 2)], signatureOf("spread")))).toEqual([12, 14]);
  });

  it("fails with Celery's name for it when nothing takes its place", async () => {
    const stage = mathStage();
    stage.app.task("replaced", () => context().replace(chain()));
    await stage.work();
    const sent = await stage.app.send("replaced");
    await expect(sent.get({ timeout: "5s" })).rejects.toMatchObject({
      pyType: "ImproperlyConfigured",
      pyModule: "celery.exceptions",
      message: expect.stringContaining("Cannot replace with an empty chain"),
    });
  });

  it("stops without end", async () => {
    const stage = mathStage();
    stage.app.task("again", () => context().replace(signatureOf("again")));
    await stage.work();
    const sent = await stage.app.send("again");
    await expect(sent.get({ timeout: "20s" })).rejects.toMatchObject({
      message: expect.stringContaining("1000 times in a row"),
    });
  });
});

describe("tasks every worker has", () => {
  it.each<[string, readonly unknown[], unknown]>([
    [
      "celery.starmap",
      [
        add().toJSON(),
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [3, 7],
    ],
    ["celery.map", [double().toJSON(), [1, 2]], [2, 4]],
    ["celery.accumulate", [1, 2, 3], [1, 2, 3]],
  ])("%s", async (name, args, expected) => {
    const stage = mathStage();
    await stage.work();
    const sent = await stage.app.send(name, args);
    expect(await sent.get({ timeout: "5s" })).toEqual(expected);
  });
});
