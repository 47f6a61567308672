/** One sentence of the judgement. */
export interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  /** How many cases speak against it. */
  readonly count: number;
  /** What was looked for, or found. */
  readonly detail: string;
  /** Task ids or lines, all of them. */
  readonly cases: readonly string[];
}

/** Holds when there is no case against it. */
export function verdictOf(name: string, cases: readonly string[], detail: string): Verdict {
  return { name, ok: cases.length === 0, count: cases.length, detail, cases };
}
