import type { StandardSchema } from "@celeriac/core";

/** The smallest Standard Schema: a number. */
export const numberSchema: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "number" ? { value } : { issues: [{ message: `expected a number, got ${typeof value}` }] },
  },
};
