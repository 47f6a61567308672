/**
 * Patterns over node names, from control messages that anyone on the broker can send. Both kinds run on one small machine
 * whose time is bounded by pattern length times name length; no regular expression is ever built from them.
 * @module
 */

/** A compiled pattern. */
export type NamePattern = (name: string) => boolean;

interface Atom {
  readonly accepts: (letter: string) => boolean;
  /** `one`: exactly once, `optional`: at most once, `any`: any number of times. */
  readonly times: "one" | "optional" | "any";
}

interface Program {
  readonly atoms: readonly Atom[];
  /** False: a beginning of the name is enough, as with Python's `re.match`. */
  readonly toEnd: boolean;
}

const maxPatternLength = 256;
const anything = (): boolean => true;

/**
 * Shell pattern as Python's `fnmatch` reads it: `*`, `?`, `[abc]`, `[!a-z]`; the whole name must match.
 * @throws RangeError when the pattern is longer than 256 characters.
 */
export function compileGlob(pattern: string): NamePattern {
  checkLength(pattern);
  const atoms: Atom[] = [];
  for (let at = 0; at < pattern.length; ) {
    const letter = pattern.charAt(at);
    const set = letter === "[" ? readSet(pattern, at, "!", false) : undefined;
    if (letter === "*") atoms.push({ accepts: anything, times: "any" });
    else if (letter === "?") atoms.push({ accepts: anything, times: "one" });
    else if (set !== undefined) atoms.push({ accepts: set.accepts, times: "one" });
    else atoms.push({ accepts: (other) => other === letter, times: "one" });
    at = set?.end ?? at + 1;
  }
  return (name) => runs({ atoms, toEnd: true }, name);
}

/**
 * The harmless part of regular expressions: literals, `.`, `[...]`, `\d \w \s` and their opposites, escaped punctuation,
 * `* + ?` after one of these (lazy forms too), `^` first, `$` last, `|` between whole alternatives. Matches from the
 * beginning of the name, as `re.match` does.
 * @throws RangeError for groups, counted repeats, look-around, back references, or more than 256 characters.
 */
export function compileRegular(pattern: string): NamePattern {
  checkLength(pattern);
  const programs = splitAlternatives(pattern).map(compileAlternative);
  return (name) => programs.some((program) => runs(program, name));
}

function checkLength(pattern: string): void {
  if (pattern.length > maxPatternLength) {
    throw new RangeError(`a pattern of ${pattern.length} characters is longer than ${maxPatternLength}`);
  }
}

/** Simulates all positions at once, so no input makes it go back. */
function runs({ atoms, toEnd }: Program, name: string): boolean {
  let positions = skipOptional(atoms, new Set([0]));
  if (!toEnd && positions.has(atoms.length)) return true;
  for (const letter of name) {
    const next = new Set<number>();
    for (const position of positions) {
      const atom = atoms[position];
      if (atom?.accepts(letter) === true) next.add(atom.times === "any" ? position : position + 1);
    }
    positions = skipOptional(atoms, next);
    if (!toEnd && positions.has(atoms.length)) return true;
    if (positions.size === 0) return false;
  }
  return positions.has(atoms.length);
}

function skipOptional(atoms: readonly Atom[], positions: Set<number>): Set<number> {
  // A set visits what is added during the walk.
  for (const position of positions) {
    const atom = atoms[position];
    if (atom !== undefined && atom.times !== "one") positions.add(position + 1);
  }
  return positions;
}

function splitAlternatives(pattern: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let inSet = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern.charAt(at);
    if (letter === "\\") at += 1;
    else if (inSet) inSet = letter !== "]";
    else if (letter === "[") inSet = true;
    else if (letter === "|") {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, pattern.slice(start)];
}

function compileAlternative(pattern: string): Program {
  const atoms: Atom[] = [];
  let toEnd = false;
  for (let at = pattern.startsWith("^") ? 1 : 0; at < pattern.length; ) {
    if (pattern.charAt(at) === "$" && at === pattern.length - 1) {
      toEnd = true;
      break;
    }
    const { accepts, end } = readAtom(pattern, at);
    at = end;
    const repeat = pattern.charAt(at);
    const isRepeated = repeat === "*" || repeat === "+" || repeat === "?";
    if (repeat === "+") atoms.push({ accepts, times: "one" });
    atoms.push({ accepts, times: isRepeated ? (repeat === "?" ? "optional" : "any") : "one" });
    if (isRepeated) at += pattern.charAt(at + 1) === "?" ? 2 : 1;
  }
  return { atoms, toEnd };
}

interface Read {
  readonly accepts: (letter: string) => boolean;
  readonly end: number;
}

function readAtom(pattern: string, at: number): Read {
  const letter = pattern.charAt(at);
  if (letter === ".") return { accepts: anything, end: at + 1 };
  if (letter === "\\") return { accepts: escapeOf(pattern.charAt(at + 1)), end: at + 2 };
  if (letter === "[") {
    const set = readSet(pattern, at, "^", true);
    if (set !== undefined) return set;
  }
  if ("*+?(){}[]^$|".includes(letter)) {
    throw new RangeError(
      `"${letter}" at position ${at} is not supported in a pcre pattern; use glob or name the nodes`,
    );
  }
  return { accepts: (other) => other === letter, end: at + 1 };
}

function escapeOf(letter: string): (other: string) => boolean {
  const classes: Readonly<Record<string, RegExp>> = { d: /\d/, w: /\w/, s: /\s/, D: /\D/, W: /\W/, S: /\S/ };
  const known = Object.hasOwn(classes, letter) ? classes[letter] : undefined;
  if (known !== undefined) return (other) => known.test(other);
  if (letter === "" || /[A-Za-z0-9]/.test(letter)) {
    throw new RangeError(`the escape "\\${letter}" is not supported in a pcre pattern`);
  }
  return (other) => other === letter;
}

/** `[...]` with ranges and negation; `undefined` when it is not closed. */
function readSet(pattern: string, start: number, negation: string, hasEscapes: boolean): Read | undefined {
  let at = start + 1;
  const isNegated = pattern.charAt(at) === negation;
  if (isNegated) at += 1;
  const tests: ((letter: string) => boolean)[] = [];
  for (let isFirst = true; at < pattern.length; isFirst = false) {
    const letter = pattern.charAt(at);
    if (letter === "]" && !isFirst) {
      return { accepts: (other) => tests.some((test) => test(other)) !== isNegated, end: at + 1 };
    }
    const last = pattern.charAt(at + 2);
    if (hasEscapes && letter === "\\") {
      tests.push(escapeOf(pattern.charAt(at + 1)));
      at += 2;
    } else if (pattern.charAt(at + 1) === "-" && last !== "" && last !== "]") {
      tests.push((other) => other >= letter && other <= last);
      at += 3;
    } else {
      tests.push((other) => other === letter);
      at += 1;
    }
  }
  return undefined;
}
