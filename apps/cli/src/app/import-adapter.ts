/**
 * Finds the adapter that a URL names. The user's own copy comes first, so that the version in their project is the one
 * that runs; the copies that the command line brings along serve everybody else.
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BackendFactory, BrokerFactory } from "@celeriac/core";
import { ConfigError } from "@celeriac/core";
import {
  type AdapterPackages,
  type AdapterRole,
  installCommand,
  packagesFor,
  unknownScheme,
} from "./adapter-packages.js";

type Factory<R extends AdapterRole> = R extends "broker" ? BrokerFactory : BackendFactory;

/** @throws ConfigError naming the scheme, or the package to install. */
export async function importAdapter<R extends AdapterRole>(role: R, url: string, workdir: string): Promise<Factory<R>> {
  const scheme = schemeOf(url);
  if (scheme === undefined) {
    // A URL without its scheme may still hold a password, so it is not shown.
    throw problem(role, "it has no scheme; write it like redis://localhost:6379/0.");
  }
  const packages = packagesFor(role, scheme);
  if (packages === undefined) throw problem(role, unknownScheme(role, scheme));
  const file = resolvePackage(packages.adapter, workdir);
  if (file === undefined) throw missing(role, scheme, packages);
  const exported = await importPackage(role, scheme, packages, file);
  const factory = Object.values(exported).find((item) => isFactory(role, scheme, item));
  if (factory === undefined) {
    throw problem(role, `${packages.adapter} does not claim ${scheme}://; update it: ${installCommand(packages)}`);
  }
  return factory as Factory<R>; // isFactory has checked the role
}

/** `redis` of `redis://…`, `undefined` when there is no `://`. */
export function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
}

function resolvePackage(name: string, workdir: string): string | undefined {
  for (const base of [join(workdir, "resolver.js"), fileURLToPath(import.meta.url)]) {
    try {
      return createRequire(base).resolve(name);
    } catch {
      // Not installed there; the next place may have it.
    }
  }
  return undefined;
}

async function importPackage(
  role: AdapterRole,
  scheme: string,
  packages: AdapterPackages,
  file: string,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>; // a namespace
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (packages.clients.some((client) => text.includes(`'${client}'`))) throw missing(role, scheme, packages);
    throw error;
  }
}

function isFactory(role: AdapterRole, scheme: string, value: unknown): boolean {
  if ((typeof value !== "function" && typeof value !== "object") || value === null) return false;
  const { role: ownRole, schemes, fromUrl } = value as Readonly<Record<string, unknown>>;
  return ownRole === role && Array.isArray(schemes) && schemes.includes(scheme) && typeof fromUrl === "function";
}

function missing(role: AdapterRole, scheme: string, packages: AdapterPackages): ConfigError {
  const names = [packages.adapter, ...packages.clients].join(" and ");
  return problem(role, `${scheme}:// needs ${names}, not installed here. Run: ${installCommand(packages)}`);
}

function problem(role: AdapterRole, message: string): ConfigError {
  return new ConfigError([{ key: role === "broker" ? "broker URL" : "result backend URL", message }]);
}
