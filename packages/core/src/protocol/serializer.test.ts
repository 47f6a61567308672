import { expect, it } from "vitest";
import { createJsonSerializer, createSerializers, jsonSerializer } from "./serializer.js";

const serializers = createSerializers();

it("finds JSON by name and by content type in any spelling", () => {
  expect(serializers.byName("json")).toBe(jsonSerializer);
  for (const type of ["application/json", "Application/JSON; charset=utf-8"]) {
    expect(serializers.byContentType(type)).toBe(jsonSerializer);
  }
  expect(serializers.byContentType("application/x-yaml")).toBeUndefined();
});

it("turns accept_content into content types, from names or types", () => {
  expect([...serializers.accept(["json", "Application/X-YAML"])]).toEqual(["application/json", "application/x-yaml"]);
  expect(() => serializers.accept(["msgpack"])).toThrow('no serializer is named "msgpack"; there are json');
});

it("never takes pickle, whatever it is called", () => {
  expect(() => createSerializers([{ ...jsonSerializer, name: "pickle" }])).toThrow("never supported");
  const disguised = { ...jsonSerializer, name: "own", contentType: "application/x-python-serialize; v=4" };
  expect(() => createSerializers([disguised])).toThrow("never supported");
});

it("a serializer named json replaces the built-in one", () => {
  const own = createJsonSerializer({ typed: "text" });
  const extended = createSerializers([own]);
  expect(extended.byName("json")).toBe(own);
  expect(new TextDecoder().decode(own.encode(new Date(0)))).toBe('"1970-01-01T00:00:00Z"');
});

it("reads JSON as UTF-8 only", () => {
  const body = new TextEncoder().encode('"é"');
  for (const encoding of ["utf-8", "UTF8", "us-ascii", "binary", ""])
    expect(jsonSerializer.decode(body, encoding)).toBe("é");
  expect(() => jsonSerializer.decode(body, "utf-16")).toThrow(expect.objectContaining({ code: "E_BODY" }));
  expect(() => jsonSerializer.decode(new Uint8Array([0x22, 0xff, 0x22]), "utf-8")).toThrow("not valid UTF-8");
});
