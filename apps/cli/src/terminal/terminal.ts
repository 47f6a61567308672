import { createColors } from "picocolors";

export type Colors = ReturnType<typeof createColors>;

/** What a command writes to and asks from. */
export interface Terminal {
  readonly colors: Colors;
  /** Colours for standard error, which may be a terminal when standard output is not. */
  readonly errorColors: Colors;
  /** The answer: goes to standard output. */
  print(text: string): void;
  /** Everything else: goes to standard error. */
  note(text: string): void;
  /** Asks a yes-no question; `undefined` when there is nobody to answer. */
  confirm(question: string): Promise<boolean | undefined>;
}

/** The terminal of this process. */
export function processTerminal(color: boolean): Terminal {
  return {
    colors: createColors(color && isColorful(process.stdout)),
    errorColors: createColors(color && isColorful(process.stderr)),
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    confirm: askYesNo,
  };
}

/** Whether a stream shows colours. @see https://no-color.org, https://force-color.org */
export function isColorful(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  const set = (name: string): boolean => env[name] !== undefined && env[name] !== "";
  if (set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

async function askYesNo(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => {
    lines.once("close", () => resolve("n")); // Ctrl-C and Ctrl-D mean no
  });
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N]: `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
