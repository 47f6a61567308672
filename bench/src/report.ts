import type { Measurement } from "./measure.js";
import { median } from "./measure.js";

interface Row {
  readonly workload: string;
  readonly who: string;
  readonly unit: string;
  readonly value: number;
  /** Median of the ratios within each repetition: the machine's mood cancels out. */
  readonly ratio: number;
  readonly detail: Readonly<Record<string, number>>;
}

/** One row per workload and contestant; ratios are to the floor of the same repetition. */
export function summarize(measurements: readonly Measurement[]): readonly Row[] {
  const names = [...new Set(measurements.map((item) => `${item.workload}\n${item.who}`))];
  return names.map((name) => {
    const [workload = "", who = ""] = name.split("\n");
    const mine = measurements.filter((item) => item.workload === workload && item.who === who);
    const ratios = mine.map((item) => item.value / floorOf(measurements, item));
    return {
      workload,
      who,
      unit: mine[0]?.unit ?? "",
      value: median(mine.map((item) => item.value)),
      ratio: median(ratios),
      detail: medianDetail(mine),
    };
  });
}

function floorOf(measurements: readonly Measurement[], item: Measurement): number {
  const floor = measurements.find(
    (other) => other.workload === item.workload && other.rep === item.rep && other.who === (item.floor ?? "floor"),
  );
  return floor?.value ?? Number.NaN;
}

function medianDetail(items: readonly Measurement[]): Readonly<Record<string, number>> {
  const keys = Object.keys(items[0]?.detail ?? {});
  return Object.fromEntries(keys.map((key) => [key, median(items.map((item) => item.detail?.[key] ?? Number.NaN))]));
}

function formatValue({ unit, value }: Row): string {
  if (unit === "ms") return `${value.toFixed(3)} ms`;
  return `${Math.round(value).toLocaleString("en")} ${unit === "bytes" ? "B" : "/s"}`;
}

/** A table for people. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.workload,
    row.who,
    formatValue(row),
    Number.isNaN(row.ratio) ? "" : row.ratio.toFixed(2),
    Object.entries(row.detail)
      .map(([key, value]) => `${key} ${value.toFixed(value < 10 ? 2 : 0)}`)
      .join("  "),
  ]);
  const head = ["workload", "who", "median", "ratio", ""];
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
