/** One figure of one repetition. `value` is tasks per second, milliseconds for latencies, or bytes. */
export interface Measurement {
  readonly workload: string;
  readonly who: string;
  readonly rep: number;
  readonly unit: "tasks/s" | "ms" | "bytes";
  readonly value: number;
  /** Whose figure of the same repetition this one is compared with. Default `floor`. */
  readonly floor?: string;
  /** Latency percentiles, worker CPU, memory. */
  readonly detail?: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Runs `work` and returns tasks per second. */
export async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (count * 1000) / (performance.now() - start);
}
