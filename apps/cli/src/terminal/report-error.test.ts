import { ConfigError } from "@celeriac/core";
import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { CommandError, EXIT } from "../exit-code.js";
import { reportError } from "./report-error.js";
import type { Terminal } from "./terminal.js";

function report(error: unknown, withStack = false): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  const colors = createColors(false);
  const terminal: Terminal = {
    colors,
    errorColors: colors,
    print: () => undefined,
    note: (text) => lines.push(text),
    confirm: async () => undefined,
  };
  const code = reportError(error, terminal, withStack);
  return { code, text: lines.join("\n") };
}

describe("reportError", () => {
  it("ends with the command's own code, or with 1", () => {
    expect(report(new CommandError("no", EXIT.nobodyAnswered)).code).toBe(69);
    expect(report(new Error("no")).code).toBe(1);
  });

  it("shows errors written for people without a stack, unless asked", () => {
    const error = new ConfigError([{ key: "brokerUrl", message: "must be a URL." }]);
    expect(report(error).text).toBe("Error: The configuration has 1 problem:\n  brokerUrl: must be a URL.");
    expect(report(error, true).text).toContain("    at ");
  });

  it("shows where an unforeseen error comes from", () => {
    expect(report(new TypeError("x is undefined")).text).toMatch(/^Error: TypeError: x is undefined\n\s+at /);
  });

  it("hides passwords in URLs, and leaves package names and paths alone", () => {
    const { text } = report(new CommandError("redis://u:secret@h/0 refused; npm install @celeriac/broker-redis"));
    expect(text).toBe("Error: redis://********@h/0 refused; npm install @celeriac/broker-redis");
    expect(report(new CommandError("file:///a/.pnpm/x@1/y.js")).text).toContain("file:///a/.pnpm/x@1/y.js");
  });

  it("lets no escape sequence through", () => {
    expect(report(new CommandError("a\u001b[2Jb")).text).toBe("Error: a\\u001b[2Jb");
  });
});
