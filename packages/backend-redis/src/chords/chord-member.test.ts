import { encodeJson } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMember, encodeMember, idText } from "./chord-member.js";

const part = { groupId: "g", taskId: "t", groupIndex: 0, status: "SUCCESS", result: "5", size: null } as const;

describe("a member of a chord", () => {
  it.each([
    ["t", '[1, "t", "SUCCESS", 5]'],
    ["né\x7f", '[1, "n\\u00e9\\u007f", "SUCCESS", 5]'],
    ['"\\\n😀', '[1, "\\"\\\\\\n\\ud83d\\ude00", "SUCCESS", 5]'],
  ])("is written as Python writes it, for the id %j", (taskId, text) => {
    expect(encodeMember({ ...part, taskId })).toBe(text);
  });

  it("comes back as it was", () => {
    const values = fc.jsonValue();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), values, (taskId, value) => {
        const result = encodeJson(value);
        const entry = decodeMember(encodeMember({ ...part, taskId, result }));
        expect({ ...entry, result: encodeJson(entry.result) }).toEqual({ taskId, status: "SUCCESS", result });
      }),
    );
  });

  it("has an id in ASCII", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (taskId) => /^[ -~]*$/.test(idText(taskId))));
  });

  it("is read one level deeper than a result may be", () => {
    const result = `${"[".repeat(200)}${"]".repeat(200)}`;
    expect(decodeMember(encodeMember({ ...part, result }))).toMatchObject({ status: "SUCCESS" });
  });

  it.each(['[1, "t9", "SUCCESS", ', '[1, "t9"]', '[1, "t9", "SUCCESS", {"__type__": "x", "__value__": 1}]'])(
    "that cannot be read is a failed one: %s",
    (text) => {
      expect(decodeMember(text)).toEqual({
        taskId: "t9",
        status: "FAILURE",
        result: {
          exc_type: "DecodeError",
          exc_message: [expect.stringContaining("cannot be read")],
          exc_module: "kombu.exceptions",
        },
      });
    },
  );

  it("that is no member has no id", () => {
    expect(decodeMember("\x80pickle")).toMatchObject({ taskId: "", status: "FAILURE" });
  });
});
