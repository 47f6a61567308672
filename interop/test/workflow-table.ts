import { chain, chord, chunks, group, map, starmap } from "@celeriac/canvas";
import type { App, Client, Sending } from "@celeriac/core";
import { ADD, FAIL, GROW_CHORD, IDENTITY, MUL, REPLACE_WITH, SUM } from "../src/tasks/canvas-tasks.js";

const TASKS: {
  readonly add: typeof ADD;
  readonly mul: typeof MUL;
  readonly sum: typeof SUM;
  readonly fail: typeof FAIL;
  readonly identity: typeof IDENTITY;
  readonly replaceWith: typeof REPLACE_WITH;
  readonly growChord: typeof GROW_CHORD;
} = {
  add: ADD,
  mul: MUL,
  sum: SUM,
  fail: FAIL,
  identity: IDENTITY,
  replaceWith: REPLACE_WITH,
  growChord: GROW_CHORD,
};

/** The tasks of the interop suites, as a client of ours calls them. */
export type Tasks = Client<typeof TASKS>;

export function tasksOf(app: App): Tasks {
  return app.client(TASKS);
}

interface WorkflowCase {
  readonly name: string;
  readonly send: (tasks: Tasks) => Pick<Sending<unknown>, "get">;
  readonly value: unknown;
  /** Nothing in it has to be joined by the store. */
  readonly chordless?: true;
  /** Needs a store that counts the parts of a chord. */
  readonly needsCounting?: true;
}

/** Workflows of every kind and nesting, and what they must come to whoever runs their tasks. */
export const WORKFLOWS: readonly WorkflowCase[] = [
  {
    name: "a chain",
    chordless: true,
    send: ({ add, mul }) => chain(add.s(1, 2), mul.s(10), add.s(4)).delay(),
    value: 34,
  },
  {
    name: "a chain with a missing argument",
    chordless: true,
    send: ({ add, mul }) => chain(add.s(2), mul.s(10)).delay(1),
    value: 30,
  },
  {
    name: "a chain with an immutable step",
    chordless: true,
    send: ({ add, mul }) => chain(add.s(1, 2), mul.si(3, 3), add.s(1)).delay(),
    value: 10,
  },
  {
    name: "a chain of 30 steps",
    chordless: true,
    send: ({ add }) => chain(add.s(1, 0), ...Array.from({ length: 29 }, () => add.s(1))).delay(),
    value: 30,
  },
  {
    name: "a group",
    chordless: true,
    send: ({ add }) => group(add.s(1, 1), add.s(2, 2), add.s(3, 3)).delay(),
    value: [2, 4, 6],
  },
  {
    name: "a group of chains",
    chordless: true,
    send: ({ add, mul }) => group(chain(add.s(1, 1), mul.s(5)), chain(add.s(2, 2), mul.s(5))).delay(),
    value: [10, 20],
  },
  {
    name: "a group given the arguments of the call",
    chordless: true,
    send: ({ add, mul }) => group(add.s(2), mul.s(2)).delay(5),
    value: [7, 10],
  },
  { name: "a chord", send: ({ add, sum }) => chord([add.s(1, 1), add.s(2, 2)], sum.s()).delay(), value: 6 },
  {
    name: "a chord of 40",
    send: ({ add, sum }) => {
      const header = Array.from({ length: 40 }, (_, index) => add.s(index, 1));
      return chord(header, sum.s()).delay();
    },
    value: 820,
  },
  {
    name: "a group followed by a step",
    send: ({ add, sum }) => chain(add.s(1, 1), group(add.s(10), add.s(20)), sum.s(), add.s(1)).delay(),
    value: 35,
  },
  {
    name: "a chain that ends in a group",
    chordless: true,
    send: ({ add, mul }) => chain(add.s(1, 1), group(add.s(10), mul.s(10))).delay(),
    value: [12, 20],
  },
  {
    name: "a chord of chains whose body is a chain",
    send: ({ add, mul, sum }) =>
      chord([chain(add.s(1, 1), mul.s(2)), chain(add.s(2, 2), mul.s(2))], chain(sum.s(), add.s(100))).delay(),
    value: 112,
  },
  {
    name: "a chord in the header of a chord",
    send: ({ add, sum }) => chord([chord([add.s(1, 1), add.s(2, 2)], sum.s()), add.s(3, 3)], sum.s()).delay(),
    value: 12,
  },
  {
    name: "a chord whose body is a group",
    send: ({ add, identity }) => chord([add.s(1, 1), add.s(2, 2)], group(identity.s(), identity.s())).delay(),
    value: [
      [2, 4],
      [2, 4],
    ],
  },
  {
    name: "a chain of two chords",
    send: ({ add, sum }) => chain(group(add.s(1, 1), add.s(2, 2)), sum.s(), group(add.s(1), add.s(2)), sum.s()).delay(),
    value: 15,
  },
  {
    name: "a chord with an empty header",
    send: ({ sum }) => chord([] as readonly ReturnType<typeof sum.si>[], sum.s()).delay(),
    value: 0,
  },
  { name: "a map", chordless: true, send: ({ sum }) => map(sum.s(), [[1, 2], [3, 4], []]).delay(), value: [3, 7, 0] },
  {
    name: "a starmap",
    chordless: true,
    send: ({ add }) =>
      starmap(add.s(), [
        [1, 2],
        [3, 4],
      ]).delay(),
    value: [3, 7],
  },
  {
    name: "chunks",
    chordless: true,
    send: ({ add }) => {
      const items = Array.from({ length: 5 }, (_, index): [number, number] => [index, index]);
      return chunks(add.s(), items, 2).delay();
    },
    value: [[0, 2], [4, 6], [8]],
  },
  {
    name: "a step that replaces itself by a chord, inside a chain",
    send: ({ add, sum, replaceWith, identity }) =>
      chain(
        replaceWith.si(chord([add.si(1, 1), add.si(2, 2)], sum.s()).toJSON()),
        group(identity.s(), identity.s()),
        identity.s(),
      ).delay(),
    value: [6, 6],
  },
  {
    name: "a member of a group that replaces itself by a group",
    send: ({ add, replaceWith }) =>
      group(add.s(1, 1), replaceWith.si(group(add.si(2, 2), add.si(3, 3)).toJSON())).delay(),
    value: [2, [4, 6]],
  },
  {
    name: "a chord that grows while it runs",
    send: ({ add, sum, growChord }) => chord([add.s(1, 1), growChord.s(add.si(10, 10).toJSON(), 5)], sum.s()).delay(),
    value: 27,
    needsCounting: true,
  },
];
