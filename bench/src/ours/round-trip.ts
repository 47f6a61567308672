import { createBenchApp } from "./bench-app.js";

/** One task after the other; milliseconds from `delay()` to the value. */
export async function ask(url: string, queue: string, count: number): Promise<number[]> {
  const { app, noop } = createBenchApp(url, queue);
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await noop.delay(index).get({ timeout: 10 });
    latencies.push(performance.now() - start);
  }
  await app.close();
  return latencies;
}
