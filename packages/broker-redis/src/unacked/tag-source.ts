import { randomBytes } from "node:crypto";

/** Fresh delivery tags: a prefix of this process and a counter. Short, as every one is stored twice at the server. */
export interface TagSource {
  readonly prefix: string;
  /** Sets `count` numbers aside; returns the first. */
  reserve(count: number): number;
}

export function createTagSource(): TagSource {
  let next = 1;
  return {
    prefix: `${randomBytes(12).toString("base64url")}.`,
    reserve: (count) => {
      const first = next;
      next += count;
      return first;
    },
  };
}
