/**
 * A JSON reader for texts that the native one cannot read as Python means them: integers beyond 2^53, `NaN` and
 * `Infinity`, typed values, a byte order mark, and nesting that must be refused. It keeps its own stack, so depth costs
 * memory and never overflows.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";

/** What the reader needs to know. */
export interface ParseRules {
  readonly maxDepth: number;
  /** Called with every finished object; what it returns takes the object's place. */
  readonly finishObject: (object: Record<string, unknown>) => unknown;
}

type Frame =
  | { readonly kind: "array"; readonly items: unknown[] }
  | { readonly kind: "object"; readonly object: Record<string, unknown>; key: string };

/** Python reads no integer text longer than this by default; neither do we. */
const maxIntegerDigits = 4300;
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const wordToken = /null|true|false|NaN|-?Infinity/y;
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** @throws DecodeError `E_BODY` with the position, `E_NUMBER` for an integer of more than 4,300 digits. */
export function parseJsonExactly(text: string, rules: ParseRules): unknown {
  return new Parser(text, rules).parse();
}

class Parser {
  readonly #text: string;
  readonly #rules: ParseRules;
  readonly #stack: Frame[] = [];
  #at: number;

  constructor(text: string, rules: ParseRules) {
    this.#text = text;
    this.#rules = rules;
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  parse(): unknown {
    for (;;) {
      const value = this.#readValue();
      if (value === pending) continue;
      const whole = this.#attach(value);
      if (whole === pending) continue;
      this.#skipSpace();
      if (this.#at < this.#text.length) throw this.#fault("the end");
      return whole;
    }
  }

  /** A scalar or an empty container; `pending` once a container with members is open. */
  #readValue(): unknown {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x7b) return this.#openObject();
    if (code === 0x5b) return this.#openArray();
    if (code === 0x22) return this.#readString();
    return this.#readWord();
  }

  /** Puts `value` where it belongs and closes what ends after it. The whole value, or `pending` when another follows. */
  #attach(value: unknown): unknown {
    let current = value;
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (frame.kind === "array") frame.items.push(current);
      else setOwn(frame.object, frame.key, current);
      this.#skipSpace();
      if (this.#take(",")) {
        if (frame.kind === "object") frame.key = this.#readKey();
        return pending;
      }
      const end = frame.kind === "array" ? "]" : "}";
      if (!this.#take(end)) throw this.#fault(`"," or "${end}"`);
      this.#stack.pop();
      current = frame.kind === "array" ? frame.items : this.#rules.finishObject(frame.object);
    }
    return current;
  }

  #openArray(): unknown {
    this.#open();
    if (this.#take("]")) return [];
    this.#stack.push({ kind: "array", items: [] });
    return pending;
  }

  #openObject(): unknown {
    this.#open();
    if (this.#take("}")) return {};
    this.#stack.push({ kind: "object", object: {}, key: this.#readKey() });
    return pending;
  }

  #open(): void {
    if (this.#stack.length >= this.#rules.maxDepth) {
      throw new DecodeError(`The JSON is nested deeper than ${this.#rules.maxDepth} levels at position ${this.#at}.`, {
        code: "E_BODY",
      });
    }
    this.#at += 1;
    this.#skipSpace();
  }

  #readKey(): string {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== 0x22) throw this.#fault("a key in double quotes");
    const key = this.#readString();
    this.#skipSpace();
    if (!this.#take(":")) throw this.#fault('":"');
    return key;
  }

  #readString(): string {
    const start = this.#at;
    let hasEscape = false;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x5c) {
        hasEscape = true;
        at += 1;
      } else if (code === 0x22) {
        this.#at = at + 1;
        return hasEscape ? this.#unescape(start) : this.#text.slice(start + 1, at);
      } else if (code < 0x20) {
        this.#at = at;
        throw this.#fault("no raw control character in a string");
      }
    }
    this.#at = this.#text.length;
    throw this.#fault("the end of a string");
  }

  #unescape(start: number): string {
    try {
      return String(JSON.parse(this.#text.slice(start, this.#at)));
    } catch {
      this.#at = start;
      throw this.#fault("a string with valid escapes");
    }
  }

  #readWord(): unknown {
    const word = this.#match(wordToken);
    if (word !== undefined) return words.get(word[0]);
    const number = this.#match(numberToken);
    if (number === undefined) throw this.#fault("a value");
    const isInteger = number[1] === undefined && number[2] === undefined;
    return isInteger ? this.#integer(number[0]) : Number(number[0]);
  }

  #integer(digits: string): number | bigint {
    if (digits.length <= 15) return Number(digits);
    if (digits.length > maxIntegerDigits) {
      throw new DecodeError(`An integer has ${digits.length} digits, more than the ${maxIntegerDigits} Python reads.`, {
        code: "E_NUMBER",
      });
    }
    const value = Number(digits);
    return Number.isSafeInteger(value) ? value : BigInt(digits);
  }

  #match(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) return undefined;
    this.#at = token.lastIndex;
    return match;
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #fault(expected: string): DecodeError {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 12)) : "the end";
    return new DecodeError(`Invalid JSON at position ${this.#at}: expected ${expected}, found ${found}.`, {
      code: "E_BODY",
    });
  }
}

/** Stands for "not complete yet"; no JSON value is a symbol. */
const pending: unique symbol = Symbol("pending");

/** Sets an own member whatever its name: assigning `__proto__` would replace the prototype. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}
