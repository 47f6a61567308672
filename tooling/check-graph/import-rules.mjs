// @ts-check
/**
 * Who may import whom. A target is written `folder` or `folder/subpath`: an entry allows itself and what is below
 * it, so `packages/core/ports` allows that entry point only, and `packages` allows every package.
 */
const ADAPTER_CORE = ["ports", "protocol", "lifecycle", "errors"].map((part) => `packages/core/${part}`);
const REDIS = "packages/redis-connection";
const AMQP = "packages/amqp-connection";
const PICKLE = "packages/pickle";
const STORE = "packages/beat/store";

/**
 * The first row whose pattern matches a package's folder counts; a package without a row is an error.
 * @type {readonly { readonly folder: RegExp, readonly may: readonly string[] }[]}
 */
const layers = [
  { folder: /^packages\/core$/, may: [] },
  { folder: /^packages\/(canvas|events|control|beat)$/, may: ["packages/core"] },
  { folder: /^packages\/worker$/, may: ["packages/core", "packages/canvas"] },
  { folder: /^packages\/pickle$/, may: ["packages/core"] },
  { folder: /^packages\/backend-sql$/, may: [...ADAPTER_CORE, PICKLE] },
  { folder: /^packages\/(broker|backend)-redis$/, may: [...ADAPTER_CORE, REDIS] },
  { folder: /^packages\/(broker-amqp|backend-rpc)$/, may: [...ADAPTER_CORE, AMQP] },
  { folder: /^packages\/(broker|backend)-[a-z]+$/, may: ADAPTER_CORE },
  { folder: /^packages\/(redis|amqp)-connection$/, may: ADAPTER_CORE },
  { folder: /^packages\/schedule-redis$/, may: [...ADAPTER_CORE, STORE, REDIS] },
  { folder: /^packages\/schedule-[a-z]+$/, may: [...ADAPTER_CORE, STORE] },
  { folder: /^packages\/testkit$/, may: ["packages/core", STORE] },
  { folder: /^apps\//, may: ["packages"] },
  // Proofs use the products as their users do, the command line included. Nothing may import a proof.
  { folder: /^(examples\/.+|interop|bench|chaos)$/, may: ["packages", "apps"] },
];

/** Packages that stand alone: no runtime dependency of any kind. */
export const DEPENDENCY_FREE = "packages/core";

/** The part of core that must also run where there is no Node, such as a browser. */
const PORTABLE = /^packages\/core\/(dist|src)\/protocol\//;

/**
 * What the portable part may take from Node all the same, and why.
 * @type {readonly { readonly file: RegExp, readonly modules: readonly string[], readonly because: string }[]}
 */
const portableExceptions = [
  {
    file: /^packages\/core\/(dist|src)\/protocol\/compression/,
    modules: ["node:zlib", "node:buffer"],
    because: "compression is a registry: a browser build registers codecs of its own",
  },
];

/**
 * @param {string} from - Folder of the importing package.
 * @param {string} to - Folder of the imported package, with the subpath if one is named.
 * @returns {"allowed" | "forbidden" | "no rule"}
 */
export function judgeImport(from, to) {
  const layer = layers.find(({ folder }) => folder.test(from));
  if (layer === undefined) return "no rule";
  return layer.may.some((entry) => to === entry || to.startsWith(`${entry}/`)) ? "allowed" : "forbidden";
}

/**
 * @param {string} from - Folder of a package.
 * @returns {string} What it may import, for an error message.
 */
export function describeAllowed(from) {
  const may = layers.find(({ folder }) => folder.test(from))?.may ?? [];
  return may.length === 0 ? "nothing of this workspace" : may.join(", ");
}

/**
 * @param {string} file - Importing file, relative to the workspace.
 * @param {string} module - Such as `node:zlib`.
 * @returns {boolean}
 */
export function mayImportNode(file, module) {
  if (!PORTABLE.test(file)) return true;
  return portableExceptions.some((exception) => exception.file.test(file) && exception.modules.includes(module));
}
