/**
 * kombu's topic patterns, written as kombu writes them and matched without compiling anybody's regular expression: the
 * routing key of a binding says all that its stored pattern says. `@see` kombu `transport/virtual/exchange.py`.
 * @module
 */

/** The regular expression kombu stores beside a topic binding: `feed.#` is `^feed\..*?$`. */
export function topicPattern(bindingKey: string): string {
  const words = bindingKey.split(".").map((word) => {
    if (word === "*") return "[^\\.]+";
    if (word === "#") return ".*?";
    return Array.from(word, escapeCharacter).join("");
  });
  return `^${words.join("\\.")}$`;
}

/** What kombu up to 5.6 stored instead when the key has a `*`; needed to remove such a binding. */
export function formerTopicPattern(bindingKey: string): string {
  return topicPattern(bindingKey).replaceAll("[^\\.]+", ".*?[^\\.]");
}

function escapeCharacter(character: string): string {
  if (/[\p{L}\p{N}#*]/u.test(character)) return character;
  return character === "\0" ? "\\000" : `\\${character}`;
}

type Token = string | typeof ANY_WORD | typeof ANYTHING;
const ANY_WORD = Symbol("one or more characters without a dot");
const ANYTHING = Symbol("any text, dots too");

/** Whether a message with this routing key reaches a topic binding. Time is at most the product of both lengths. */
export function topicMatches(bindingKey: string, routingKey: string): boolean {
  const tokens = tokenize(bindingKey);
  // reached[i]: the tokens so far can match the first i characters.
  let reached = new Array<boolean>(routingKey.length + 1).fill(false);
  reached[0] = true;
  for (const token of tokens) reached = advance(reached, token, routingKey);
  return reached[routingKey.length] === true;
}

function tokenize(bindingKey: string): readonly Token[] {
  const tokens: Token[] = [];
  bindingKey.split(".").forEach((word, index) => {
    if (index > 0) tokens.push(".");
    if (word === "*") tokens.push(ANY_WORD);
    else if (word === "#") tokens.push(ANYTHING);
    else tokens.push(...word.split(""));
  });
  return tokens;
}

function advance(reached: readonly boolean[], token: Token, text: string): boolean[] {
  const next = new Array<boolean>(reached.length).fill(false);
  if (token === ANYTHING) next[0] = reached[0] === true;
  for (let i = 1; i < reached.length; i += 1) {
    const character = text[i - 1];
    const before = reached[i - 1] === true;
    if (token === ANYTHING) next[i] = reached[i] === true || next[i - 1] === true;
    else if (token === ANY_WORD) next[i] = character !== "." && (before || next[i - 1] === true);
    else next[i] = before && character === token;
  }
  return next;
}
