/** Where a value sits, kept as a list so that the text is only built for an error. */
export interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

/** `orders[3].when`. */
export function pathText(path: Path | undefined): string {
  if (path === undefined) return "the value";
  let text = "";
  for (let step: Path | undefined = path; step !== undefined; step = step.parent) text = stepText(step) + text;
  return text.startsWith(".") ? text.slice(1) : text;
}

function stepText({ key }: Path): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]{0,80}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 80))}]`;
}
