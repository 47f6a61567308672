/** What nodes answered to one inspect command, sorted by whether they could. */
export interface Inspection<T> {
  /** Answers by node name. */
  readonly nodes: ReadonlyMap<string, T>;
  /** Why a node could not answer, by node name: its own text. */
  readonly failures: ReadonlyMap<string, string>;
}

/** The text of an error reply, `undefined` for any other. */
export function failureOf(reply: unknown): string | undefined {
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) return undefined;
  const { error, ...rest } = reply as Readonly<Record<string, unknown>>;
  return typeof error === "string" && Object.keys(rest).length === 0 ? error : undefined;
}

/** Reads each reply; one of a shape that `read` refuses counts as a failure, since other programs answer here too. */
export function sortReplies<T>(
  replies: ReadonlyMap<string, unknown>,
  read: (reply: unknown) => T | undefined,
): Inspection<T> {
  const nodes = new Map<string, T>();
  const failures = new Map<string, string>();
  for (const [node, reply] of replies) {
    const failure = failureOf(reply);
    const value = failure === undefined ? read(reply) : undefined;
    if (value === undefined) failures.set(node, failure ?? "it answered in a form that is not Celery's");
    else nodes.set(node, value);
  }
  return { nodes, failures };
}
