import { createHash } from "node:crypto";

/** What identifies a message among those of one queue: the same state of the same task. */
export function fingerprint(correlationId: unknown, content: Uint8Array): string {
  return createHash("sha1").update(String(correlationId)).update("\0").update(content).digest("base64");
}

/**
 * Remembers the last messages: after a lost connection RabbitMQ delivers those again whose acks it has not seen, and a state
 * that was heard must not be heard once more behind later ones.
 */
export class SeenReplies {
  readonly #prints = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(print: string): boolean {
    return this.#prints.has(print);
  }

  /** The newest is forgotten last. */
  add(print: string): void {
    this.#prints.delete(print);
    this.#prints.add(print);
    if (this.#prints.size <= this.#limit) return;
    for (const oldest of this.#prints) {
      this.#prints.delete(oldest);
      return;
    }
  }
}
