import { describe } from "vitest";
import { missingPeers } from "../src/requirements.js";

const missing = missingPeers();

/** A suite that needs Python and Redis: skipped with the reason in its name, a failure on CI. */
export function describePeers(name: string, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${missing})`, body);
}
