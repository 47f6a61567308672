// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRelative } from "./package-import.mjs";

/** @typedef {import("./package-import.mjs").PackageImport} PackageImport */
/** @typedef {import("./package-import.mjs").WorkspacePackage} WorkspacePackage */

/** Statements start a line, as the formatter leaves them; text in doc comments is indented or starred. */
const STATEMENT = /^(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']/gm;
const INLINE_TYPE = /\bimport\(\s*["']([^"']+)["']\s*\)\s*\./g;

/**
 * Imports of types vanish from the built code but tie packages together all the same. This reads them from the
 * sources: every import of a package that the built imports do not already show.
 * @param {readonly WorkspacePackage[]} packages
 * @param {readonly PackageImport[]} built
 * @returns {PackageImport[]}
 */
export function readTypeImports(packages, built) {
  const seen = new Set(built.map(({ file, specifier }) => `${file} ${specifier}`));
  return packages.flatMap((from) =>
    sourceFiles(from).flatMap((path) => {
      const file = `${from.folder}/src/${path}`;
      const output = `${from.folder}/dist/${path.replace(/\.ts$/, ".js")}`;
      return importedPackages(readFileSync(join(from.path, "src", path), "utf8"))
        .filter((specifier) => !seen.has(`${output} ${specifier}`))
        .map((specifier) => ({ from, file, specifier, typeOnly: true }));
    }),
  );
}

/**
 * @param {string} source - TypeScript.
 * @returns {string[]} Specifiers of packages and of Node's modules, each once.
 */
export function importedPackages(source) {
  const found = [STATEMENT, INLINE_TYPE].flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
  return [...new Set(found)].filter((specifier) => specifier !== "" && !isRelative(specifier));
}

/** @param {WorkspacePackage} member */
function sourceFiles({ path }) {
  const folder = join(path, "src");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((file) => String(file).replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(file));
}
