import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { createJiti, type Jiti } from "jiti";

export type ModuleExports = Readonly<Record<string, unknown>>;

const JAVASCRIPT: ReadonlySet<string> = new Set([".js", ".mjs", ".cjs"]);

let typescript: Jiti | undefined;

/**
 * Imports a file: JavaScript by Node itself, TypeScript through jiti, whether the project is ESM or CommonJS. Installed
 * packages are always imported by Node, so an app and the worker that runs it share one copy of core.
 */
export async function importModule(file: string): Promise<ModuleExports> {
  if (JAVASCRIPT.has(extname(file))) return (await import(pathToFileURL(file).href)) as ModuleExports; // a namespace
  // One loader for the process: modules that import each other through it must be loaded once.
  typescript ??= createJiti(pathToFileURL(file).href, { interopDefault: false, tsconfigPaths: true });
  return typescript.import<ModuleExports>(file);
}
