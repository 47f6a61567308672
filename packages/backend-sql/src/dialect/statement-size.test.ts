import fc from "fast-check";
import mysql from "mysql2";
import { describe, expect, it } from "vitest";
import { DIALECTS } from "./dialect-table.js";

describe("the size of a statement for MySQL", () => {
  it("is that of what the driver sends", () => {
    const text = fc.string({ unit: fc.constantFrom(..."\0\b\t\n\r\x1a\"'\\?aé☃😀"), maxLength: 20 });
    const bytes = fc.uint8Array().map((value) => Buffer.from(value));
    const value = fc.oneof(text, bytes, fc.constant(null), fc.integer());
    fc.assert(
      fc.property(fc.array(value), (parameters) => {
        const sql = `SELECT ${parameters.map(() => "?").join(", ")}`;
        const sent = Buffer.byteLength(mysql.format(sql, parameters));
        expect(DIALECTS.mysql.sizeOf({ sql, parameters }) - parameters.length).toBe(sent);
      }),
    );
  });
});
