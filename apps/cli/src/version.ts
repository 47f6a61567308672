import { readFileSync } from "node:fs";

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version: value } = JSON.parse(text) as { readonly version: string }; // our own file
  return value;
}
