/**
 * The one vitest configuration of the workspace: packages are read from their sources through the
 * `source` export condition, so a unit test never needs a build.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["source", "module", "node"] },
  ssr: { resolve: { conditions: ["source", "module", "node"] } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    typecheck: { enabled: false },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    passWithNoTests: false,
    pool: "forks",
    maxWorkers: 2,
  },
});
