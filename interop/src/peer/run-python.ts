import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a short program to its end. @throws Error with what it printed, when it fails. */
export async function runPython(path: string, program: string, args: readonly string[] = []): Promise<void> {
  await run(path, ["-c", program, ...args]);
}
