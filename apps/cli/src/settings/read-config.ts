/**
 * Settings from a file. What a parser says of a broken file is cut to the place: its text may hold a password.
 * @module
 */
import { readFileSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { ConfigError } from "@celeriac/core";
import { findModule } from "../app/find-module.js";
import { importModule } from "../app/import-module.js";

type Parse = (text: string) => Promise<unknown>;

const parsers: Readonly<Record<string, { readonly format: string; readonly parse: Parse }>> = {
  ".json": { format: "JSON", parse: async (text) => JSON.parse(text) as unknown },
  ".yaml": { format: "YAML", parse: parseYaml },
  ".yml": { format: "YAML", parse: parseYaml },
  ".toml": { format: "TOML", parse: parseToml },
};

/**
 * Reads a settings file; the settings in it are not checked yet.
 * @throws ConfigError when it cannot be found or read, or holds no record.
 */
export async function readConfig(
  path: string,
  workdir: string,
): Promise<{ readonly input: Readonly<Record<string, unknown>>; readonly source: string }> {
  const parser = parsers[extname(path).toLowerCase()];
  const source = basename(path);
  const value = parser === undefined ? await readModule(path, workdir) : await readData(resolve(workdir, path), parser);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw problem(path, "must hold settings by name, such as broker_url.");
  }
  return { input: value as Readonly<Record<string, unknown>>, source }; // checked above
}

async function readData(file: string, { format, parse }: { format: string; parse: Parse }): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw problem(file, code === "ENOENT" ? "there is no such file." : `cannot be read (${code}).`);
  }
  try {
    return (await parse(text)) ?? {};
  } catch (error) {
    throw problem(file, `is not valid ${format}${placeOf(error)}.`);
  }
}

/** A module's default export, or else all its exports. */
async function readModule(path: string, workdir: string): Promise<unknown> {
  const search = findModule(path, workdir);
  if ("tried" in search) throw problem(path, `there is no such file; looked for ${search.tried.join(", ")}.`);
  const { default: whole, ...members } = await importModule(search.file);
  return whole ?? members;
}

async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import("yaml");
  return parse(text, { prettyErrors: true });
}

async function parseToml(text: string): Promise<unknown> {
  const { parse } = await import("smol-toml");
  return parse(text);
}

/** ` (line 3)`, where the parser tells. */
function placeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { line, linePos, message } = error as Readonly<Record<string, unknown>>;
  const yamlLine = Array.isArray(linePos) ? (linePos[0] as { readonly line?: unknown } | undefined)?.line : undefined;
  const jsonLine = /\(line (\d+) column/.exec(String(message))?.[1];
  const found = line ?? yamlLine ?? jsonLine;
  return found === undefined ? "" : ` (line ${String(found)})`;
}

function problem(key: string, message: string): ConfigError {
  return new ConfigError([{ key, message }]);
}
