import { Redis } from "ioredis";

/** What was put into a queue: messages as they lie there, however they got there. */
export interface Published {
  readonly messages: number;
  readonly bytes: number;
}

/** Runs `work` and counts what is stored in the queue meanwhile, as the server reports it. Given back counts again. */
export async function countPublished(url: string, queue: string, work: () => Promise<unknown>): Promise<Published> {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const counted = { messages: 0, bytes: 0 };
  const mark = `bench-mark-${Date.now()}`;
  const caughtUp = new Promise<void>((resolve) => {
    monitor.on("monitor", (_time: string, [command = "", key, ...texts]: readonly string[]) => {
      if (command.toLowerCase() === "echo" && key === mark) resolve();
      if (key !== queue || !/^[lr]push$/i.test(command)) return;
      counted.messages += texts.length;
      for (const text of texts) counted.bytes += unescapedLength(text);
    });
  });
  await work();
  await redis.echo(mark);
  await caughtUp;
  monitor.disconnect();
  redis.disconnect();
  return counted;
}

/** The client has undone the escapes of quotes, and only those. */
function unescapedLength(text: string): number {
  return text.replace(/\\x[0-9a-f]{2}|\\./gs, "_").length;
}
