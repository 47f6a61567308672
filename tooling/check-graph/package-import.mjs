// @ts-check
import { builtinModules } from "node:module";

/**
 * @typedef {import("../workspace/workspace-packages.mjs").WorkspacePackage} WorkspacePackage
 *
 * @typedef {object} PackageImport - One import statement, as the rules see it.
 * @property {WorkspacePackage} from
 * @property {string} file - Importing file, relative to the workspace, with forward slashes.
 * @property {string} specifier - As written.
 * @property {boolean} typeOnly - True when it leaves no trace in the built JavaScript.
 * @property {string} [resolved] - Of a built import: the file it leads to, relative to the workspace. Absent when it
 *   leads nowhere.
 */

const builtins = new Set(builtinModules);

/**
 * @param {string} specifier
 * @returns {boolean}
 */
export function isRelative(specifier) {
  return specifier.startsWith(".") || specifier.startsWith("/");
}

/**
 * @param {string} specifier
 * @returns {string | undefined} The module of Node it names, always with the `node:` prefix.
 */
export function nodeModuleOf(specifier) {
  if (specifier.startsWith("node:")) return specifier;
  return builtins.has(specifier) ? `node:${specifier}` : undefined;
}

/**
 * @param {string} specifier - A bare one: `@celeriac/core/ports`.
 * @returns {{ name: string, subpath: string }} `@celeriac/core` and `ports`; the subpath is "" for the package itself.
 */
export function splitSpecifier(specifier) {
  const parts = specifier.split("/");
  const nameLength = specifier.startsWith("@") ? 2 : 1;
  return { name: parts.slice(0, nameLength).join("/"), subpath: parts.slice(nameLength).join("/") };
}
