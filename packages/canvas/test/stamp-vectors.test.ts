import { readFileSync } from "node:fs";
import type { WireSignature } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import type { StampingVisitor, Stamps } from "../src/index.js";
import { fromJSON } from "../src/index.js";

interface Case {
  readonly name: string;
  readonly workflow: WireSignature;
  readonly visitor?: Readonly<Record<string, Stamps>>;
  readonly stamps?: Stamps;
  readonly append: boolean;
  readonly stamped: WireSignature;
}

const file = new URL("./vectors/stamps.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] }; // as capture-stamps.py writes it

/** Every hook gives what the case says. */
function visitorOf(answers: Readonly<Record<string, Stamps>>): StampingVisitor {
  return Object.fromEntries(Object.entries(answers).map(([hook, stamps]) => [hook, () => stamps]));
}

/** Names of stamps in any order, no names for no stamps, members of a list once. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    if (name !== "stamped_headers") return [[name, normal(member)]];
    return Array.isArray(member) && member.length > 0 ? [[name, [...new Set(member)].sort()]] : [];
  });
  return Object.fromEntries(entries);
}

describe("stamping", () => {
  it.each(cases.map((given, index) => ({ ...given, index })))(
    "is Celery's: $name, appending: $append, $index",
    ({ workflow, visitor, stamps, append, stamped }) => {
      const how = visitor === undefined ? (stamps ?? {}) : visitorOf(visitor);
      const mine = fromJSON(workflow).stamp(how, { appendStamps: append });
      expect(normal(mine.toJSON())).toEqual(normal(stamped));
    },
  );
});
