import type { ConfigIssue } from "@celeriac/core/errors";

/** Where everything is. */
export interface CollectionNames {
  readonly task: string;
  readonly group: string;
  readonly chord: string;
  readonly chordPart: string;
}

/** Options that name collections, with what they name and the default. */
const OPTIONS = {
  taskmetaCollection: ["task", "celery_taskmeta"],
  groupmetaCollection: ["group", "celery_groupmeta"],
  chordCollection: ["chord", "celeriac_chord"],
  chordPartCollection: ["chordPart", "celeriac_chord_part"],
} as const;

export type CollectionOptions = Readonly<Partial<Record<keyof typeof OPTIONS, string>>>;

/** Names with defaults; what is wrong is added to `issues`. */
export function parseCollections(given: CollectionOptions, issues: ConfigIssue[]): CollectionNames {
  const name = (option: keyof typeof OPTIONS): string => {
    const chosen = given[option] ?? OPTIONS[option][1];
    const problem = wrongName(chosen);
    if (problem !== undefined) issues.push({ key: option, message: problem });
    return chosen;
  };
  const names = {
    task: name("taskmetaCollection"),
    group: name("groupmetaCollection"),
    chord: name("chordCollection"),
    chordPart: name("chordPartCollection"),
  };
  if (new Set(Object.values(names)).size < Object.keys(names).length) {
    issues.push({ key: "taskmetaCollection", message: "is also the name of another collection here." });
  }
  return names;
}

/** MongoDB's own rules. */
function wrongName(name: string): string | undefined {
  if (name === "" || Buffer.byteLength(name) > 120) return "must have 1 to 120 bytes.";
  if (name.startsWith("system.")) return "must not start with system.";
  if (name.startsWith(".") || name.endsWith(".") || name.includes(".."))
    return "must not have a dot at an end, or two.";
  return /[$\0]/.test(name) ? `is ${JSON.stringify(name)}; a name has no $ and no NUL.` : undefined;
}

/** @returns What is wrong with the name of a database, or `undefined`. */
export function wrongDatabase(name: string): string | undefined {
  if (name === "" || Buffer.byteLength(name) > 63) return "must have 1 to 63 bytes.";
  return /[/\\. "$*<>:|?\0]/.test(name)
    ? `is ${JSON.stringify(name)}; MongoDB allows none of /\\. "$*<>:|? in it.`
    : undefined;
}
