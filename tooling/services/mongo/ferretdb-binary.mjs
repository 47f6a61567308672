// @ts-check
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBinary } from "../../workspace/find-binary.mjs";
import { runCommand } from "../../workspace/run-command.mjs";

/** Its command panics when it is installed by itself, so this is a program of our own over its embeddable package. */
const SOURCES = fileURLToPath(new URL("ferretdb", import.meta.url));
const MODULE = "github.com/FerretDB/FerretDB";
const OLDEST_GO = [1, 24];

/** FerretDB keeps arrays within arrays, as Celery writes the children of a task, but refuses to take them. */
const REFUSAL = {
  file: join("internal", "types", "document_validation.go"),
  code: /\n\t+case \*Array:\n\t+return newValidationError\(ErrValidation, fmt\.Errorf\(\n[^\n]*nested arrays are not supported[^\n]*\n\t+\)\)/,
};

/**
 * Builds FerretDB unless it was built before from the same sources.
 * @param {string} folder - Receives the binary.
 * @param {(line: string) => void} announce
 * @returns {Promise<{ binary: string } | { notHere: string }>}
 */
export async function buildFerretdb(folder, announce) {
  const binary = join(folder, `ferretdb-${fingerprint()}`);
  if (existsSync(binary)) return { binary };
  const problem = await whyNotGo();
  if (problem !== undefined) return { notHere: problem };
  announce("Building FerretDB 1.24, a server that speaks MongoDB's protocol; the first time takes some minutes");
  mkdirSync(folder, { recursive: true });
  const changed = await changedModule(folder);
  if ("notHere" in changed) return changed;
  const args = ["build", "-trimpath", "-buildvcs=false", "-tags", "ferretdb_no_postgresql"];
  const built = await go([...args, "-modfile", changed.modfile, "-o", `${binary}.new`, "."]);
  rmSync(changed.source, { recursive: true, force: true });
  if (built.code !== 0) return { notHere: `go build of FerretDB failed: ${lastLine(built.output)}` };
  renameSync(`${binary}.new`, binary);
  return { binary };
}

/** @returns {Promise<string | undefined>} */
async function whyNotGo() {
  if (findBinary("go") === undefined) return "go is not on PATH to build FerretDB";
  const { output } = await go(["env", "GOVERSION"]);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(output)?.slice(1) ?? []).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = OLDEST_GO;
  const isNew = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return isNew ? undefined : `FerretDB needs Go ${OLDEST_GO.join(".")}, this is ${output.trim()}`;
}

/**
 * A copy of FerretDB without the refusal, and a go.mod that points there: Go builds nothing else than it downloaded from
 * where it keeps its downloads.
 * @param {string} folder
 * @returns {Promise<{ modfile: string, source: string } | { notHere: string }>}
 */
async function changedModule(folder) {
  const fetched = await go(["mod", "download", MODULE]);
  if (fetched.code !== 0) return { notHere: `go cannot download FerretDB: ${lastLine(fetched.output)}` };
  const listed = await go(["list", "-m", "-f", "{{.Dir}}", MODULE]);
  const source = join(folder, "ferretdb-source");
  copyFolder(listed.output.trim().split("\n").at(-1) ?? "", source);
  const file = join(source, REFUSAL.file);
  const text = readFileSync(file, "utf8");
  const changed = text.replace(REFUSAL.code, "");
  if (changed === text) return { notHere: `${REFUSAL.file} of FerretDB is not as expected` };
  writeFileSync(file, changed);
  const modfile = join(folder, "go.mod");
  const replaced = `${readFileSync(join(SOURCES, "go.mod"), "utf8")}\nreplace ${MODULE} => ${JSON.stringify(source)}\n`;
  writeFileSync(modfile, replaced);
  writeFileSync(join(folder, "go.sum"), readFileSync(join(SOURCES, "go.sum")));
  return { modfile, source };
}

/**
 * Without the permissions: what Go downloads cannot be written to.
 * @param {string} from
 * @param {string} to
 */
function copyFolder(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isFile()) writeFileSync(target, readFileSync(source));
  }
}

/** @param {readonly string[]} args */
function go(args) {
  return runCommand("go", args, { cwd: SOURCES, quiet: true, env: { GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" } });
}

/** @returns {string} */
function fingerprint() {
  const hash = createHash("sha256").update(REFUSAL.code.source);
  for (const name of ["main.go", "go.mod", "go.sum"]) hash.update(readFileSync(join(SOURCES, name)));
  return hash.digest("hex").slice(0, 12);
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}
