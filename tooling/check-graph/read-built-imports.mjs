// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";

/** @typedef {import("./package-import.mjs").PackageImport} PackageImport */
/** @typedef {import("./package-import.mjs").WorkspacePackage} WorkspacePackage */

/**
 * Reads the imports of what was built: `dist`, and `bin` where there is one. Sources are not an option, since
 * dependency-cruiser cannot read them with this TypeScript and then reports success on zero modules.
 * @param {string} root
 * @param {readonly WorkspacePackage[]} packages
 * @returns {Promise<{ imports: PackageImport[], moduleCounts: Map<string, number> }>} Counts are by package name; a
 *   package that was not built counts zero.
 */
export async function readBuiltImports(root, packages) {
  const folders = packages.flatMap((member) =>
    ["dist", "bin"].map((folder) => `${member.folder}/${folder}`).filter((folder) => existsSync(join(root, folder))),
  );
  const modules = folders.length === 0 ? [] : await cruiseModules(root, folders);
  /** @type {PackageImport[]} */
  const imports = [];
  const moduleCounts = new Map(packages.map((member) => [member.name, 0]));
  for (const module of modules) {
    const from = packages.find((member) => /^(dist|bin)\//.test(below(member.folder, module.source) ?? ""));
    if (from === undefined) continue; // a module of Node or of node_modules, listed because something imports it
    moduleCounts.set(from.name, (moduleCounts.get(from.name) ?? 0) + 1);
    for (const { module: specifier, resolved, couldNotResolve } of module.dependencies) {
      const target = couldNotResolve ? {} : { resolved };
      imports.push({ from, file: module.source, specifier, typeOnly: false, ...target });
    }
  }
  return { imports, moduleCounts };
}

/**
 * @param {string} root
 * @param {string[]} folders
 */
async function cruiseModules(root, folders) {
  const { output } = await cruise(
    folders,
    { baseDir: root, doNotFollow: { path: "node_modules" }, exclude: { path: "\\.test\\." } },
    { exportsFields: ["exports"], conditionNames: ["import", "default"] },
  );
  if (typeof output === "string") throw new Error(`dependency-cruiser answered with text: ${output}`);
  return output.modules;
}

/**
 * @param {string} folder
 * @param {string} file
 * @returns {string | undefined} The rest of the path when `file` lies in `folder`.
 */
function below(folder, file) {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : undefined;
}
