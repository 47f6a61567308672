import { maskUrl } from "@celeriac/core";
import { CommandError, EXIT, type ExitCode } from "../exit-code.js";
import { safeText } from "./safe-text.js";
import type { Terminal } from "./terminal.js";

/**
 * Says what went wrong, once, on standard error, without passwords. Errors with a code of Celeriac's explain themselves;
 * the stack is shown for the others, and for all of them when `withStack`.
 * @returns The exit code of the command.
 */
export function reportError(error: unknown, terminal: Terminal, withStack: boolean): ExitCode {
  const { red, dim } = terminal.errorColors;
  terminal.note(`${red("Error:")} ${safeText(maskText(describe(error)))}`);
  const stack = withStack ? stackOf(error) : ownFrames(error);
  if (stack !== undefined) terminal.note(dim(safeText(maskText(stack))));
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}

/** Each URL by itself: hiding up to the last `@` of a whole message would swallow package names. Paths have no secrets. */
function maskText(text: string): string {
  return text.replace(/\S*:\/\/\S+/g, (url) => (url.includes("file:///") ? url : maskUrl(url)));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isKnown(error)) return error.message;
  return `${error.name}: ${error.message}`;
}

/** Errors that were written for people. */
function isKnown(error: Error): boolean {
  if (error instanceof CommandError) return true;
  return "code" in error && typeof error.code === "string" && "retryable" in error;
}

/** Where in the user's code a module failed to load; nothing for errors that say enough by themselves. */
function ownFrames(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!isKnown(error)) return frames(error).slice(0, 8).join("\n");
  const { cause } = error;
  const isLoading = "code" in error && error.code === "APP_LOAD_FAILED";
  if (!isLoading || !(cause instanceof Error)) return undefined;
  const own = frames(cause).filter((line) => !/node_modules|node:|\/jiti\//.test(line));
  return own.length === 0 ? undefined : own.slice(0, 5).join("\n");
}

function frames(error: Error): readonly string[] {
  return (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
}

function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = error.cause instanceof Error ? `\nCaused by ${error.cause.stack ?? error.cause.message}` : "";
  return `${frames(error).join("\n")}${cause}`;
}
