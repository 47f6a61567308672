import { ConfigError } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { asyncPool } from "./pool/async/index.js";
import { prefork } from "./pool/prefork/index.js";
import type { WorkerOptions } from "./worker-options.js";
import { parseWorkerOptions } from "./worker-options.js";

const defaults = { prefetchMultiplier: 4, fair: false, remoteControl: true };

function issuesOf(build: () => unknown): readonly string[] {
  try {
    build();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ key }) => key);
  }
  return [];
}

describe("parseWorkerOptions", () => {
  it("fills in defaults", () => {
    expect(parseWorkerOptions({ pool: asyncPool() }, defaults)).toEqual({ ...defaults, parkBeyondMs: 10_000 });
  });

  it("reports everything that is wrong at once", () => {
    const wrong = { prefetchMultiplier: -1, parkBeyond: "soon", conurrency: 4 };
    const options = wrong as unknown as WorkerOptions; // as JavaScript would pass it
    expect(issuesOf(() => parseWorkerOptions(options, defaults))).toEqual([
      "conurrency",
      "prefetchMultiplier",
      "parkBeyond",
      "pool",
    ]);
  });

  it("refuses pools without slots", () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN]) {
      expect(issuesOf(() => asyncPool({ concurrency }))).toEqual(["concurrency"]);
      expect(issuesOf(() => prefork({ app: "/app.mjs", concurrency }))).toEqual(["concurrency"]);
    }
  });
});
