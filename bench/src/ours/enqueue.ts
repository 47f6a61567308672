import { createBenchApp } from "./bench-app.js";

export async function enqueueInFlight(url: string, queue: string, count: number, inFlight: number): Promise<void> {
  const { app, noop } = createBenchApp(url, queue);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await noop.delay(next);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await app.close();
}

/** In bulk is nothing special with us: sends of one tick share a write. */
export async function enqueueBulk(url: string, queue: string, count: number, chunk: number): Promise<void> {
  const { app, noop } = createBenchApp(url, queue);
  for (let sent = 0; sent < count; sent += chunk) {
    await Promise.all(Array.from({ length: Math.min(chunk, count - sent) }, (_, index) => noop.delay(sent + index)));
  }
  await app.close();
}
