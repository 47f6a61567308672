/** A table as it is found: what may be written to it. */
export interface TableLayout {
  /** Quoted, with its schema. */
  readonly path: string;
  readonly columns: ReadonlySet<string>;
  /** Expression that gives a new row its id; `undefined` when the table does so. */
  readonly id: string | undefined;
}

/** The tables of a database. */
export interface Layout {
  readonly task: TableLayout;
  readonly group: TableLayout;
  readonly chord: TableLayout;
  readonly chordEntry: TableLayout;
}
