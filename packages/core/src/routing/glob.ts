/**
 * Shell patterns for task names, as Python's `fnmatch` reads them: `*` any text, `?` one character, `[abc]`, `[a-z]` and
 * `[!abc]` one of a set. Matching takes each stretch between stars at its first fit and never goes back over a star, so
 * no pattern and no name can make it slow.
 * @module
 */

/** Whether one character fits one place of the pattern. */
type Place = (character: string) => boolean;

/** @returns A predicate over whole names; case counts. */
export function compileGlob(pattern: string): (name: string) => boolean {
  const stretches = parse([...pattern]);
  const first = stretches[0] ?? [];
  const last = stretches.at(-1) ?? [];
  const middle = stretches.slice(1, -1);
  if (stretches.length === 1) {
    return (name) => {
      const text = [...name];
      return text.length === first.length && fits(first, text, 0);
    };
  }
  return (name) => {
    const text = [...name];
    const end = text.length - last.length;
    if (end < first.length || !fits(first, text, 0) || !fits(last, text, end)) return false;
    let position = first.length;
    for (const stretch of middle) {
      const found = find(stretch, text, position, end - stretch.length);
      if (found === -1) return false;
      position = found + stretch.length;
    }
    return true;
  };
}

function fits(stretch: readonly Place[], text: readonly string[], from: number): boolean {
  return stretch.every((place, offset) => {
    const character = text[from + offset];
    return character !== undefined && place(character);
  });
}

function find(stretch: readonly Place[], text: readonly string[], from: number, to: number): number {
  for (let position = from; position <= to; position += 1) {
    if (fits(stretch, text, position)) return position;
  }
  return -1;
}

/** The stretches between stars; one stretch when there is no star. */
function parse(pattern: readonly string[]): readonly (readonly Place[])[] {
  const stretches: Place[][] = [[]];
  let position = 0;
  while (position < pattern.length) {
    const character = pattern[position] ?? "";
    position += 1;
    if (character === "*") {
      // A run of stars is one star.
      if (stretches.length === 1 || stretches.at(-1)?.length !== 0) stretches.push([]);
      continue;
    }
    const close = character === "[" ? closingBracket(pattern, position) : -1;
    stretches.at(-1)?.push(close === -1 ? single(character) : characterSet(pattern.slice(position, close)));
    if (close !== -1) position = close + 1;
  }
  return stretches;
}

function single(wanted: string): Place {
  return wanted === "?" ? () => true : (character) => character === wanted;
}

/** A bracket right after `[` or `[!` belongs to the set. -1 when nothing closes it: then `[` stands for itself. */
function closingBracket(pattern: readonly string[], from: number): number {
  let start = from;
  if (pattern[start] === "!") start += 1;
  if (pattern[start] === "]") start += 1;
  return pattern.indexOf("]", start);
}

function characterSet(content: readonly string[]): Place {
  const isNegated = content[0] === "!";
  const members = isNegated ? content.slice(1) : content;
  const ranges: (readonly [low: number, high: number])[] = [];
  for (let index = 0; index < members.length; index += 1) {
    const low = codeOf(members[index]);
    const isRange = members[index + 1] === "-" && index + 2 < members.length;
    ranges.push([low, isRange ? codeOf(members[index + 2]) : low]);
    if (isRange) index += 2;
  }
  return (character) => {
    const code = codeOf(character);
    return ranges.some(([low, high]) => code >= low && code <= high) !== isNegated;
  };
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? -1;
}
