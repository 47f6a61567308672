import { describe, expect, it } from "vitest";
import { parseRunOptions } from "../src/driver/run-options.js";
import { seededRandom } from "../src/seeded-random.js";
import { chordsOf, fails, plantedChords } from "../src/system/chord-load.js";
import { isPlanted, planLoad, taskId } from "../src/system/load.js";

const place = { dir: "/nowhere", redisBinary: "redis-server", seed: 7 };

describe("a seed", () => {
  it("fixes the load, and another seed changes it", () => {
    expect(planLoad(500, seededRandom(3))).toEqual(planLoad(500, seededRandom(3)));
    expect(planLoad(500, seededRandom(3))).not.toEqual(planLoad(500, seededRandom(4)));
  });

  it("gives the shares of behaviours that the reliability plan asks for", () => {
    const load = planLoad(20_000, seededRandom(1));
    const share = (wanted: string): number => load.filter((behaviour) => behaviour === wanted).length / load.length;
    expect(share("raise")).toBeCloseTo(0.05, 1.5);
    expect(share("retry")).toBeCloseTo(0.05, 1.5);
    expect(share("slow")).toBeCloseTo(0.02, 1.5);
  });
});

describe("the planted fault", () => {
  it("drops one task in so many, and none when it is off", () => {
    const ids = Array.from({ length: 10_000 }, (_, number) => taskId("late7", number));
    expect(ids.filter((id) => isPlanted(id, 5000))).toEqual(["late7-002500", "late7-007500"]);
    expect(ids.some((id) => isPlanted(id, 0))).toBe(false);
  });
});

describe("chords", () => {
  const chords = chordsOf({ tasks: 500, headers: 20, seed: 3 });

  it("are the same for the same seed", () => {
    expect(chordsOf({ tasks: 500, headers: 20, seed: 3 })).toEqual(chords);
    expect(chordsOf({ tasks: 500, headers: 20, seed: 4 })).not.toEqual(chords);
  });

  it("have headers of 20, some of 1 and some without a task, and some that fail", () => {
    const sizes = new Map<number, number>();
    for (const { header } of chords) sizes.set(header.length, (sizes.get(header.length) ?? 0) + 1);
    expect(Object.fromEntries(sizes)).toEqual({ 0: 20, 1: 40, 20: 440 });
    expect(chords.filter(fails)).toHaveLength(60);
  });

  it("are spoilt in three ways, one each, and only those that would go well", () => {
    const planted = plantedChords(chords);
    expect([...planted.values()]).toEqual(["twice", "never", "swapped"]);
    for (const number of planted.keys()) {
      expect(chords[number]?.header).toHaveLength(20);
      expect(chords[number]?.header).not.toContain("raise");
    }
  });
});

describe("the command line", () => {
  it("runs late and early by default", () => {
    const options = parseRunOptions([], place);
    expect(options?.scenarios.map((scenario) => scenario.name)).toEqual(["late", "early"]);
    expect(options).toMatchObject({ tasks: 10_000, seed: 7, workers: 3, slots: 4, plantEvery: 0 });
  });

  it("plants one in 5,000, or fewer tasks than that", () => {
    expect(parseRunOptions(["--plant"], place)?.plantEvery).toBe(5000);
    expect(parseRunOptions(["--plant", "--tasks", "600"], place)?.plantEvery).toBe(600);
  });

  it("names what it does not know", () => {
    expect(() => parseRunOptions(["lat"], place)).toThrow('No scenario is called "lat"');
    expect(() => parseRunOptions(["--tasks", "many"], place)).toThrow('--tasks wants a number, not "many"');
    expect(() => parseRunOptions(["--taks", "1"], place)).toThrow("--taks");
  });
});
