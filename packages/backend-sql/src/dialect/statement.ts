/** What a parameter may be. Lists are for PostgreSQL only. */
export type SqlValue = string | number | Uint8Array | null | readonly string[];

/** A statement and the values of its placeholders, in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** A row as the driver gives it: what a column holds is decided by `read-value.ts`. */
export type Row = Readonly<Record<string, unknown>>;

/** Collects parameters while the text of a statement is written, so that no value is ever part of the text. */
export class StatementDraft {
  readonly #values: SqlValue[] = [];
  readonly #placeholder: (position: number) => string;

  constructor(placeholder: (position: number) => string) {
    this.#placeholder = placeholder;
  }

  /** The placeholder that stands for the value. */
  bind(value: SqlValue): string {
    this.#values.push(value);
    return this.#placeholder(this.#values.length);
  }

  /** `(?, ?, ?)` for the values. */
  tuple(values: readonly SqlValue[]): string {
    return `(${values.map((value) => this.bind(value)).join(", ")})`;
  }

  done(sql: string): Statement {
    return { sql, parameters: this.#values };
  }
}

/** A statement without parameters. */
export function plainStatement(sql: string): Statement {
  return { sql, parameters: [] };
}
