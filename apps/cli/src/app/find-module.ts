/**
 * From what a user writes after `-A` to a file. Pure but for looking whether files exist.
 * @module
 */
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A spec taken apart: `src/app:celery` is the module `src/app` and its export `celery`. */
export interface AppSpec {
  readonly module: string;
  readonly exportName?: string;
}

/** Where a module was found, or everything that was looked at. */
export type ModuleSearch = { readonly file: string } | { readonly tried: readonly string[] };

/** TypeScript first: beside a source, a `.js` is what a compiler once made of it. */
export const MODULE_EXTENSIONS: readonly string[] = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs"];

const EXPORT_SUFFIX = /^(.*[^:]):([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u;
const SOURCE_OF: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

export function parseAppSpec(spec: string): AppSpec {
  const match = EXPORT_SUFFIX.exec(spec);
  const [, module, exportName] = match ?? [];
  if (module === undefined || exportName === undefined || isDriveLetter(module)) return { module: spec };
  return { module, exportName };
}

/** Looks for a file, a file without its extension, a folder with an index, then an installed package. */
export function findModule(module: string, workdir: string): ModuleSearch {
  const path = module.startsWith("file://") ? fileURLToPath(module) : module;
  const tried: string[] = [];
  const found =
    asPath(resolve(workdir, path), tried) ?? (isRelative(path) ? undefined : asPackage(path, workdir, tried));
  return found === undefined ? { tried } : { file: found };
}

function asPath(base: string, tried: string[]): string | undefined {
  const extensions = MODULE_EXTENSIONS.includes(extname(base)) ? [] : MODULE_EXTENSIONS;
  return (
    firstFile([base, ...sourcesOf(base)], tried, base) ??
    firstFile(
      extensions.map((extension) => base + extension),
      tried,
      `${base}{${extensions.join(",")}}`,
    ) ??
    asFolder(base, tried)
  );
}

function asFolder(base: string, tried: string[]): string | undefined {
  const extensions = MODULE_EXTENSIONS;
  const inside = extensions.map((extension) => join(base, `index${extension}`));
  if (extname(base) !== "" && !isFolder(base)) return undefined;
  return firstFile(inside, tried, join(base, `index{${extensions.join(",")}}`));
}

function asPackage(name: string, workdir: string, tried: string[]): string | undefined {
  tried.push(`the package ${JSON.stringify(name)}, installed for ${workdir}`);
  try {
    const file = createRequire(join(workdir, "resolver.js")).resolve(name);
    return isAbsolute(file) ? file : undefined; // Node's own modules have no path
  } catch {
    return undefined;
  }
}

/** TypeScript projects import `./app.js` and mean `app.ts`. */
function sourcesOf(file: string): readonly string[] {
  const extension = extname(file);
  return (SOURCE_OF[extension] ?? []).map((source) => join(dirname(file), basename(file, extension) + source));
}

function firstFile(candidates: readonly string[], tried: string[], shownAs: string): string | undefined {
  if (candidates.length === 0) return undefined;
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
  if (found === undefined) tried.push(shownAs);
  return found;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isRelative(path: string): boolean {
  return path.startsWith(".") || isAbsolute(path);
}

function isDriveLetter(text: string): boolean {
  return /^[a-z]$/i.test(text);
}
