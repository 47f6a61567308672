/** A block of code in a document that says which file it comes from. */
export interface CodeBlock {
  /** From the root of the repository. */
  readonly file: string;
  readonly code: string;
}

/**
 * Reads the blocks that follow a marker: `<!-- code: examples/hello/src/tasks.ts -->`, then the fence on the next line.
 * @throws Error for a marker without a block: it would promise a check that never runs.
 */
export function readCodeBlocks(markdown: string): readonly CodeBlock[] {
  const lines = markdown.split("\n");
  const blocks: CodeBlock[] = [];
  for (const [index, line] of lines.entries()) {
    const file = /^<!-- code: (\S+) -->$/.exec(line)?.[1];
    if (file === undefined) continue;
    const end = lines.indexOf("```", index + 2);
    if (lines[index + 1] !== "```ts" || end < 0)
      throw new Error(`The marker of ${file} has no \`\`\`ts block below it.`);
    blocks.push({ file, code: `${lines.slice(index + 2, end).join("\n")}\n` });
  }
  return blocks;
}
