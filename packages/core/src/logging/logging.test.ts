import { describe, expect, it } from "vitest";
import { createLogger } from "./create-logger.js";
import { jsonSink, prettySink } from "./sinks.js";

function written(make: typeof jsonSink, log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const sink = make({ write: (part) => (text += part) });
  log(createLogger({ level: "info", sink, now: () => 0 }));
  return text;
}

describe("a logger", () => {
  it("drops what is below its level, and adds fields of its parents", () => {
    const text = written(jsonSink, (log) => {
      log.debug({}, "hidden");
      log.child({ worker: "w1" }).child({ task: "t" }).info({ n: 1 }, "shown");
    });
    expect(JSON.parse(text)).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      level: "info",
      message: "shown",
      worker: "w1",
      task: "t",
      n: 1,
    });
  });

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const hostile = {
    get trap(): never {
      throw new Error("no");
    },
  };
  it.each([
    ["a big integer", { n: 2n ** 70n }],
    ["an error", { error: new Error("boom") }],
    ["a cycle", circle],
    ["a getter that throws", { hostile }],
    ["nothing", { gone: undefined }],
  ])("never fails what it logs: %s", (_name, fields) => {
    for (const make of [jsonSink, prettySink]) {
      expect(written(make, (log) => log.info(fields, "line"))).toMatch(/line.*\n$/s);
    }
  });

  it("no field passes for the level or the message", () => {
    const text = written(jsonSink, (log) => log.warn({ level: "info", message: "all is well" }, "fire"));
    expect(JSON.parse(text)).toMatchObject({ level: "warn", message: "fire" });
  });

  it.each(["\u001b[2J", "\u202e", "\u0085", "\n2030-01-01 fake line"])(
    "escapes %j, in messages and fields",
    (nasty) => {
      for (const make of [jsonSink, prettySink]) {
        const text = written(make, (log) => log.info({ task: nasty }, `hello ${nasty}`));
        expect(text.slice(0, -1)).not.toContain(nasty[0]);
        expect(text.endsWith("\n")).toBe(true);
      }
    },
  );
});
