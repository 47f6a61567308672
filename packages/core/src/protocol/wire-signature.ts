/**
 * A signature as it travels: a plain dictionary in wire names. Composites (chain, group, chord) have the same shape with
 * a `subtask_type`. PROTOCOL 11.1.
 */
export interface WireSignature {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** `task_id`, `queue`, `countdown`, `link`, `link_error`, `stamped_headers`... */
  readonly options: Readonly<Record<string, unknown>>;
  readonly subtask_type: string | null;
  /** True: the parent's result is not prepended to `args`. */
  readonly immutable: boolean;
}

/** What a task message says happens after the task. PROTOCOL section 2. */
export interface Embed {
  readonly callbacks: readonly WireSignature[] | null;
  readonly errbacks: readonly WireSignature[] | null;
  /** The remaining steps in reverse order: the next one is last. */
  readonly chain: readonly WireSignature[] | null;
  readonly chord: WireSignature | null;
}
