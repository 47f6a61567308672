import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Life } from "./support/measure-life.js";
import { measureLife } from "./support/measure-life.js";
import { chainOfChords, longChain, wideChord } from "./support/measured-workflows.js";

const file = new URL("./vectors/sizes.json", import.meta.url);
const { workflows } = JSON.parse(readFileSync(file, "utf8")) as { readonly workflows: Readonly<Record<string, Life>> }; // as measure-sizes.py writes it

const mine: Readonly<Record<string, Life>> = {
  "chain of 200": measureLife(longChain(200)),
  "chord of 1,000": measureLife(wideChord(1_000)),
  "chain of 20 chords of 10": measureLife(chainOfChords(20, 10)),
};

describe("the messages of a workflow", () => {
  it.each(Object.entries(mine))("are as many as Celery's, and fewer bytes, first and in all: %s", (name, life) => {
    const theirs = workflows[name];
    expect(life.messages).toBe(theirs?.messages);
    expect(life.firstBytes).toBeLessThan(theirs?.firstBytes ?? 0);
    expect(life.allBytes).toBeLessThan(theirs?.allBytes ?? 0);
  });

  it.each(Object.entries(mine))("are in the README with their bytes: %s", (name, life) => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const row = readme.split("\n").find((line) => line.includes(`| ${name} `)) ?? "";
    const numbers = (
      row
        .split("|")
        .slice(2)
        .join(" ")
        .match(/[\d,]+/g) ?? []
    ).map((text) => Number(text.replaceAll(",", "")));
    const [first, theirFirst, all, theirAll] = numbers;
    expect([theirFirst, theirAll]).toEqual([workflows[name]?.firstBytes, workflows[name]?.allBytes]);
    for (const [written, measured] of [
      [first, life.firstBytes],
      [all, life.allBytes],
    ] as const) {
      expect(Math.abs((written ?? 0) / measured - 1)).toBeLessThan(0.02); // versions of zlib differ a little
    }
  });

  it("are compressed where many later steps travel, as every Celery reads them", () => {
    expect(mine["chain of 200"]?.allBytes).toBeLessThan(0.2 * (workflows["chain of 200"]?.allBytes ?? 0));
  });

  it("are half of Celery's for chords in a chain: a body that is not sent yet travels once", () => {
    const name = "chain of 20 chords of 10";
    expect(mine[name]?.allBytes).toBeLessThan(0.55 * (workflows[name]?.allBytes ?? 0));
  });

  it("grow with the workflow, not with its square, when it is sent", () => {
    const ratio = (large: Life, small: Life): number => large.firstBytes / small.firstBytes;
    expect(ratio(measureLife(longChain(400)), measureLife(longChain(100)))).toBeLessThan(4.2);
    expect(ratio(measureLife(wideChord(800)), measureLife(wideChord(200)))).toBeLessThan(4.2);
    expect(ratio(measureLife(chainOfChords(20, 5)), measureLife(chainOfChords(5, 5)))).toBeLessThan(4.2);
    expect(ratio(measureLife(chainOfChords(5, 20)), measureLife(chainOfChords(5, 5)))).toBeLessThan(4.2);
  });
});
