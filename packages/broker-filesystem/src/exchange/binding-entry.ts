import type { ExchangeType, Queue } from "@celeriac/core/ports";

/** One line of an exchange table: routing key, regular expression for topic exchanges (else empty), queue. */
export type BindingEntry = readonly [routingKey: string, pattern: string, queue: string];

/** The line kombu writes for this queue. */
export function entryOf(queue: Queue): BindingEntry {
  const pattern = queue.exchange.type === "topic" ? topicPattern(queue.routingKey) : "";
  return [queue.routingKey, pattern, queue.name];
}

export function sameEntry(a: BindingEntry, b: BindingEntry): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

/** Names of the queues a message goes to, each once. @see kombu `transport/virtual/exchange.py`. */
export function targetsOf(table: readonly BindingEntry[], type: ExchangeType, routingKey: string): readonly string[] {
  const queues = table.filter((entry) => takes(entry, type, routingKey)).map(([, , queue]) => queue);
  return [...new Set(queues)];
}

/** A broadcast names no type: the table tells topic from fanout bindings. */
export function listenersOf(table: readonly BindingEntry[], routingKey: string): readonly string[] {
  const queues = table.filter(([key, pattern]) => {
    if (pattern !== "") return matchesPattern(pattern, routingKey);
    return key === "" || matchesPattern(topicPattern(key), routingKey);
  });
  return [...new Set(queues.map(([, , queue]) => queue))];
}

function takes([key, pattern]: BindingEntry, type: ExchangeType, routingKey: string): boolean {
  switch (type) {
    case "direct":
      return key === routingKey;
    case "topic":
      return matchesPattern(pattern === "" ? topicPattern(key) : pattern, routingKey);
    case "fanout":
      return true;
    case "headers":
      return false; // exists on AMQP only
  }
}

/** kombu's regular expression for a topic key: `*` is one word, `#` anything. */
export function topicPattern(key: string): string {
  const escaped = [...key].map((letter) => (/[\p{L}\p{N}.#*]/u.test(letter) ? letter : `\\${letter}`)).join("");
  const words = escaped.split(".").map((word) => (word === "*" ? "[^\\.]+" : word === "#" ? ".*?" : word));
  return `^${words.join("\\.")}$`;
}

function matchesPattern(pattern: string, routingKey: string): boolean {
  try {
    return new RegExp(pattern).test(routingKey);
  } catch {
    return false; // a regular expression of Python's that means nothing here
  }
}

/** Reads a table; `undefined` when it is not complete. */
export function parseTable(text: string): readonly BindingEntry[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(value) ? value.filter(isEntry) : undefined;
}

function isEntry(value: unknown): value is BindingEntry {
  return Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === "string");
}
