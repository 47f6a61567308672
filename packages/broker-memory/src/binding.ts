import type { ExchangeType } from "@celeriac/core/ports";

/** Connects an exchange with whoever wants its messages. */
export interface Binding {
  readonly exchange: string;
  readonly type: ExchangeType;
  readonly routingKey: string;
}

/** Whether a message sent with `routingKey` goes through the binding. */
export function matches(binding: Binding, routingKey: string): boolean {
  switch (binding.type) {
    case "direct":
      return binding.routingKey === routingKey;
    case "topic":
      return matchesTopic(binding.routingKey, routingKey);
    case "fanout":
      // Kombu's fanout on Redis filters by key when there is one (`worker.#` for events); without one it takes all.
      return binding.routingKey === "" || matchesTopic(binding.routingKey, routingKey);
    case "headers":
      return false; // exists on AMQP only
  }
}

/** `*` stands for one word, `#` for any number of words, also none. */
export function matchesTopic(bindingKey: string, routingKey: string): boolean {
  return matchesWords(bindingKey.split("."), routingKey.split("."));
}

function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === "#") return words.some((_, index) => matchesWords(rest, words.slice(index))) || rest.length === 0;
  return words.length > 0 && (first === "*" || first === words[0]) && matchesWords(rest, words.slice(1));
}
