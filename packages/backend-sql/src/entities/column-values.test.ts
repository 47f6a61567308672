import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { bytes, naiveDate, wholeNumber } from "./column-values.js";

const LOCAL = naiveDate({ read: "local", written: "local" });

describe("values of entities", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    process.env.TZ = zone ?? "";
  });

  it.each(["UTC", "America/St_Johns", "Pacific/Kiritimati", "Europe/Berlin"])(
    "dates that a driver takes for local time come back as they went, in %s",
    (name) => {
      process.env.TZ = name;
      const ms = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2090, 0) });
      // Local time has no name for the hour that summer time leaves out.
      const isNamed = (time: number): boolean => localHours(time) === new Date(time).getUTCHours();
      fc.assert(
        fc.property(ms.filter(isNamed), (time) => {
          const date = new Date(time);
          expect(LOCAL.from(LOCAL.to(date))).toEqual(date);
        }),
      );
    },
  );

  it("a date is the moment that its text is in UTC", () => {
    process.env.TZ = "America/St_Johns";
    const moment = new Date(Date.UTC(2026, 1, 2, 3, 4, 5, 678));
    const asDriver = new Date(2026, 1, 2, 3, 4, 5, 678);
    expect(LOCAL.from(asDriver)).toEqual(moment);
    expect(LOCAL.to(moment)).toEqual(asDriver);
    expect(LOCAL.from("2026-02-02 03:04:05.678000"), "of a driver that leaves dates as text").toEqual(moment);
    const knowing = naiveDate({ read: "Z", written: "Z" });
    expect([knowing.from(moment), knowing.to(moment)]).toEqual([moment, moment]);
    expect([LOCAL.from(null), LOCAL.to(null)]).toEqual([null, null]);
  });

  it("numbers are numbers and bytes are Buffers, whatever the driver gives", () => {
    expect([wholeNumber.from("12"), wholeNumber.from(12), wholeNumber.from(null)]).toEqual([12, 12, null]);
    expect(bytes.from(new Uint8Array([1]).buffer)).toEqual(Buffer.from([1]));
    expect(bytes.from(Buffer.from([1]))).toEqual(Buffer.from([1]));
    expect([bytes.from(null), bytes.to(null)]).toEqual([null, null]);
    expect(bytes.to(new Uint8Array([1]))).toEqual(Buffer.from([1]));
  });
});

/** The hours of a local time that is called as this time is in UTC. */
function localHours(time: number): number {
  const date = new Date(time);
  const day = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()] as const;
  return new Date(...day, date.getUTCHours(), date.getUTCMinutes()).getHours();
}
