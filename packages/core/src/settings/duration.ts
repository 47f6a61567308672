import { CeleriacError } from "../errors/celeriac-error.js";

const SECONDS_IN: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
// Sticky and without nested repetition: each part is read once, from where the last one ended.
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*/y;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** A text or number that is no duration. Code `DURATION_INVALID`. */
export class DurationError extends CeleriacError {
  constructor(message: string) {
    super(message, { code: "DURATION_INVALID" });
  }
}

/**
 * Reads a duration: a finite number of seconds, or a text of numbers with units (`ms`, `s`, `m`, `h`, `d`, `w`), largest
 * first or not, as in `"500ms"`, `"5s"`, `"1h30m"`. A text without a unit is seconds. Negative numbers are returned as
 * they are: whether they mean something is for the caller to say.
 * @returns Seconds.
 * @throws DurationError
 */
export function parseDuration(value: number | string): number {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new DurationError(`A duration must be a finite number of seconds, got ${value}.`);
  }
  const text = value.trim();
  if (NUMBER.test(text) && text.length < 20) return Number(text);
  const total = sumParts(text);
  if (total === undefined || !Number.isFinite(total)) {
    throw new DurationError(
      `${JSON.stringify(value.slice(0, 60))} is no duration; write seconds, or "5s", "500ms", "1h30m".`,
    );
  }
  return total;
}

function sumParts(text: string): number | undefined {
  if (text === "") return undefined;
  let totalMs = 0;
  let position = 0;
  while (position < text.length) {
    PART.lastIndex = position;
    const part = PART.exec(text);
    const unit = part?.[2] === undefined ? undefined : SECONDS_IN[part[2]];
    if (part === null || unit === undefined) return undefined;
    totalMs += Number(part[1]) * unit * 1000; // summed in milliseconds so that 1s + 500ms is exact
    position = PART.lastIndex;
  }
  return totalMs / 1000;
}
