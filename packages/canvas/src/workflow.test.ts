import { describe, expect, it } from "vitest";
import { chain, chord, chunks, fromJSON, group, map, plan, signatureOf, starmap } from "./index.js";

const task = (name: string, ...args: readonly unknown[]): ReturnType<typeof signatureOf> => signatureOf(name, args);
const frozen = signatureOf("still", [9], { immutable: true });

const planned = (workflow: Parameters<typeof plan>[0], more: Partial<Parameters<typeof plan>[1]> = {}): unknown[] => {
  let count = 0;
  const newId = (): string => {
    count += 1;
    return `id${count}`;
  };
  return plan(workflow, { newId, ...more }).steps.flatMap((step) => (step.kind === "publish" ? [step.task] : []));
};

describe("arguments given later", () => {
  it("go before a signature's own, into the first step, every member or the header", () => {
    expect(
      task("t", 3)
        .clone([1, 2], { kwargs: { k: 1 } })
        .toJSON(),
    ).toMatchObject({ args: [1, 2, 3], kwargs: { k: 1 } });
    expect(planned(chain(task("a", 2), task("b")).clone([1]))).toMatchObject([{ args: [1, 2] }]);
    expect(planned(group(task("a", 2), task("b"), frozen).clone([1]))).toMatchObject([
      { args: [1, 2] },
      { args: [1] },
      { args: [9] },
    ]);
    expect(planned(chord([task("a", 2), task("b")], task("c")).clone([1]))).toMatchObject([
      { args: [1, 2] },
      { args: [1] },
    ]);
  });

  it("reach the same places when planning", () => {
    expect(planned(chain(group(task("a", 2), frozen), task("b")), { args: [1] })).toMatchObject([
      { args: [1, 2] },
      { args: [9] },
    ]);
  });
});

describe("options", () => {
  it("of a call win over a signature's own, except the group", () => {
    const own = signatureOf("t", [], { queue: "own", priority: 1, groupId: "g" });
    expect(planned(own, { options: { queue: "call", groupId: "other" } })).toMatchObject([
      { options: { queue: "call", priority: 1 }, group: "g" },
    ]);
  });

  it("of a group go to every task, of a chain to its first, of a chord to the body too", () => {
    expect(planned(group(task("a"), task("b")).set({ queue: "q" }))).toMatchObject([
      { options: { queue: "q" } },
      { options: { queue: "q" } },
    ]);
    expect(planned(chain(task("a"), task("b")).set({ queue: "q" }))).toMatchObject([
      { options: { queue: "q" }, embed: { chain: [{ options: { task_id: expect.any(String) } }] } },
    ]);
    expect(planned(chord([task("a")], task("b")).set({ queue: "q" }))).toMatchObject([
      { options: { queue: "q" }, embed: { chord: { options: { queue: "q" } } } },
    ]);
  });

  it("never replace stamps", () => {
    const stamped = signatureOf("t", [], { stamps: { tenant: "a" } });
    expect(planned(stamped, { options: { stamps: { tenant: "b" } } })).toMatchObject([
      { options: { stamps: { tenant: "a" } } },
    ]);
  });

  it("skew spreads the start of a group", () => {
    const countdowns = planned(
      group(["a", "b", "c", "d"].map((name) => task(name))).skew({ start: 2, stop: 6, step: 2 }),
    );
    expect(countdowns).toMatchObject([2, 4, 6, 6].map((countdown) => ({ options: { countdown } })));
  });
});

describe("callbacks", () => {
  const after = task("after");

  it("of a group are its first task's, immutable", () => {
    expect(planned(group(task("a"), task("b")).link(after))).toMatchObject([
      { embed: { callbacks: [{ task: "after", immutable: true }] } },
      { embed: { callbacks: null } },
    ]);
  });

  it("of a chord are its body's; errbacks too, and the header's on demand", () => {
    const plain = chord([task("a")], task("b"));
    expect(planned(plain.link(after).onError(after))).toMatchObject([
      { embed: { errbacks: null, chord: { options: { link: [after.toJSON()], link_error: [after.toJSON()] } } } },
    ]);
    expect(planned(plain.onError(after, { errbacksOnChordHeader: true }))).toMatchObject([
      { embed: { errbacks: [{ task: "after" }] } },
    ]);
  });

  it("of a chain reach the last step, whatever it is", () => {
    expect(planned(chain(task("a"), chord([task("b")], task("c"))).link(after))).toMatchObject([
      { embed: { chain: [{ kwargs: { body: { options: { link: [after.toJSON()] } } } }] } },
    ]);
  });

  it("are refused where nothing would run them", () => {
    expect(() => group().link(after)).toThrow("An empty group cannot be linked");
    expect(() => planned(group(task("a")), { options: { link: after } })).toThrow("use chord()");
  });
});

describe("maps", () => {
  it("travel as one task, chunks by themselves as a group", () => {
    const add = signatureOf<[number, number], number>("add");
    expect(planned(map(signatureOf<[number], number>("inc"), [1, 2]))).toMatchObject([
      { task: "celery.map", kwargs: { it: [1, 2] } },
    ]);
    const pairs = [1, 2, 3].map((n): [number, number] => [n, n]);
    expect(planned(starmap(add, pairs))).toHaveLength(1);
    expect(planned(chunks(add, pairs, 2).set({ queue: "q" }))).toMatchObject([
      {
        task: "celery.starmap",
        kwargs: {
          it: [
            [1, 1],
            [2, 2],
          ],
        },
        options: { queue: "q" },
      },
      { task: "celery.starmap", kwargs: { it: [[3, 3]] } },
    ]);
  });

  it("refuse what would be lost", () => {
    expect(() => map(task("t", 1), [1])).toThrow("give a bare signature");
    expect(() => starmap(chain(task("t"), task("u")), [[1]])).toThrow("give a bare signature");
    expect(() => chunks(task("t"), [[1]], 0)).toThrow("from 1 up, not 0");
  });
});

describe("planning", () => {
  it("sends nothing for what is empty", () => {
    const newId = (): string => "id";
    expect(plan(chain(), { newId })).toEqual({ steps: [], result: null, child: null });
    const empty = [["id", null], []];
    expect(plan(group(), { newId })).toEqual({ steps: [], result: empty, child: empty });
  });

  it("tells the result with its parents", () => {
    let count = 0;
    const newId = (): string => {
      count += 1;
      return `id${count}`;
    };
    const { result, steps } = plan(chain(task("a"), group(task("b"), task("c")), task("d")), {
      newId,
      rootId: "root",
      parentId: "me",
    });
    const [first] = steps.flatMap((step) => (step.kind === "publish" ? [step.task] : []));
    expect(first).toMatchObject({ rootId: "root", parentId: "me" });
    const [[body, header], none] = result ?? [["", null], null];
    expect([typeof body, none, header?.[1]?.length, header?.[0][1]]).toEqual([
      "string",
      null,
      2,
      [[first?.id, null], null],
    ]);
  });

  it("does not overflow on a chain of ten thousand steps", () => {
    const long = chain(...Array.from({ length: 10_000 }, (_, index) => task(`t${index}`)));
    expect(planned(long)).toMatchObject([{ embed: { chain: { length: 9_999 } } }]);
  });
});

describe("dictionaries from elsewhere", () => {
  it("may leave out what is empty, and keep what we do not know", () => {
    expect(fromJSON({ task: "t", chord_size: 3 }).toJSON()).toEqual({
      task: "t",
      chord_size: 3,
      args: [],
      kwargs: {},
      options: {},
      subtask_type: null,
      immutable: false,
    });
  });

  it.each([
    [5, "signature is no signature"],
    [{ task: "t", args: {} }, "signature.args must be a list"],
    [
      { task: "c", subtask_type: "chain", kwargs: { tasks: [{ task: "t" }, 1] } },
      "signature.kwargs.tasks[1] is no signature",
    ],
    [{ task: "c", subtask_type: "chord", kwargs: { header: [] } }, "signature.kwargs.body is no signature"],
    [{ task: "t", options: { link: "x" } }, "signature.options.link is no signature"],
  ])("are checked: %j", (value, message) => {
    expect(() => fromJSON(value)).toThrow(message);
  });

  it("refuses a body without steps", () => {
    expect(() => chord([task("a")], chain())).toThrow("A chord's body must be a task");
  });
});
