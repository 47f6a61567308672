/** Writes the show: lines in lanes, and at most one line at the bottom that changes in place. Plain text without a TTY. */
import pc from "picocolors";

/** Who speaks. */
export type Lane = "producer" | "worker" | "steady";

export interface ScreenOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const LANE_WIDTH = 10;
const BAR_WIDTH = 24;
const WIDEST = 100;

export class Screen {
  readonly #output: ScreenOutput;
  readonly #colors: ReturnType<typeof pc.createColors>;
  readonly #isLive: boolean;
  #bottom = "";

  constructor(output: ScreenOutput, env: NodeJS.ProcessEnv) {
    this.#output = output;
    this.#isLive = output.isTTY === true;
    this.#colors = pc.createColors(this.#isLive && (env.NO_COLOR ?? "") === "");
  }

  title(text: string): void {
    this.#print(this.#colors.bold(text));
  }

  /** Running text, wrapped. */
  text(text: string): void {
    for (const line of wrap(text, this.#width)) this.#print(line);
  }

  heading(number: number, text: string): void {
    this.#print("");
    const { bold, cyan } = this.#colors;
    for (const line of wrap(`${number}. ${text}`, this.#width)) this.#print(bold(cyan(line)));
  }

  /** What somebody says: wrapped beside its lane. The steady lane is background and gets one line, cut to the width. */
  say(lane: Lane, text: string): void {
    const { dim, yellow, green } = this.#colors;
    const room = this.#width - LANE_WIDTH - 2;
    const label = lane.padEnd(LANE_WIDTH);
    if (lane === "steady") {
      this.#print(dim(`  ${label}${cut(text, room)}`));
      return;
    }
    const [first = "", ...rest] = wrap(text, room);
    this.#print(`  ${(lane === "worker" ? yellow : green)(label)}${first}`);
    for (const line of rest) this.#print(`  ${" ".repeat(LANE_WIDTH)}${line}`);
  }

  item(text: string): void {
    const [first = "", ...rest] = wrap(text, this.#width - 4);
    this.#print(`  ${this.#colors.green("-")} ${first}`);
    for (const line of rest) this.#print(`    ${line}`);
  }

  /** A line as it is, however long. */
  line(text: string): void {
    this.#print(text);
  }

  /** A command on a line of its own: never wrapped, so that it can be copied. */
  command(text: string): void {
    this.#print(`  ${this.#colors.bold(text)}`);
  }

  blank(): void {
    this.#print("");
  }

  /** Draws the bar at the bottom, or again; without a TTY each call is a line. */
  bar(done: number, of: number): void {
    const percent = `${Math.round((100 * done) / of)}`.padStart(3);
    const label = `  ${"progress".padEnd(LANE_WIDTH)}${percent} % `;
    const length = Math.min(BAR_WIDTH, Math.max(4, this.#width - label.length));
    const full = Math.round((length * done) / of);
    const [ink, paper] = this.#isLive ? ["█", "░"] : ["#", "-"];
    const line = label + ink.repeat(full) + paper.repeat(length - full);
    if (!this.#isLive) {
      this.#print(line);
      return;
    }
    this.#bottom = this.#colors.green(line);
    this.#output.write(`\r\u001b[2K${this.#bottom}`);
  }

  /** Leaves the bar where it is and goes on below. */
  endBar(): void {
    if (this.#bottom !== "") this.#output.write("\n");
    this.#bottom = "";
  }

  get #width(): number {
    return Math.max(20, Math.min(WIDEST, (this.#output.columns ?? 80) - 1));
  }

  #print(line: string): void {
    if (this.#bottom === "") this.#output.write(`${line}\n`);
    else this.#output.write(`\r\u001b[2K${line}\n${this.#bottom}`);
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
