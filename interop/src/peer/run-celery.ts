import { once } from "node:events";
import type { PeerSettings } from "./child-process.js";
import { OutputTail, spawnPython } from "./child-process.js";

/** Runs one `celery` command of Python's to its end. */
export async function runCelery(
  python: string,
  settings: PeerSettings,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawnPython(python, ["-m", "celery", "-A", "celeriac_peer.app", ...args], settings);
  const output = new OutputTail(child);
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : 128, output: output.text };
}
