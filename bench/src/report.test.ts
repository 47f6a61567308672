import { describe, expect, it } from "vitest";
import { formatTable, summarize } from "./report.js";

const figure = (who: string, rep: number, value: number) => ({
  workload: "drain",
  who,
  rep,
  unit: "tasks/s" as const,
  value,
});

describe("summarize", () => {
  it("compares each repetition with the floor of the same repetition, then takes the median", () => {
    const rows = summarize([
      figure("floor", 0, 100),
      figure("us", 0, 50),
      figure("floor", 1, 1000),
      figure("us", 1, 900),
      figure("floor", 2, 10),
      figure("us", 2, 8),
    ]);
    expect(rows.find((row) => row.who === "us")?.ratio).toBeCloseTo(0.8);
    expect(rows.find((row) => row.who === "floor")?.ratio).toBe(1);
  });

  it("prints one line per contestant", () => {
    expect(formatTable(summarize([figure("floor", 0, 12345.6)]))).toContain("12,346 /s");
  });
});
