/**
 * Time zones of the standard library, pytz and dateutil, by name or offset.
 * @module
 */
import { isNode, type PyCall, type PyValue } from "../machine/nodes.js";
import { TimeDelta } from "../time-delta.js";
import type { Builder } from "./builder.js";
import { Part } from "./part.js";
import type { GlobalRules } from "./rule.js";
import { fixedZone, type Zone } from "./zone.js";

const daySeconds = 86_400;

/** Allowed inside datetimes and times. */
export const zoneRules: GlobalRules = [
  ["datetime:timezone", { construct: (call, builder) => zone(offsetZone(call.args[0], builder)) }],
  ["zoneinfo:ZoneInfo", { construct: (call, builder) => zone(builder.zones.named(call.args[0] ?? null)) }],
  ["zoneinfo:ZoneInfo._unpickle", { construct: (call, builder) => zone(builder.zones.named(call.args[0] ?? null)) }],
  ["builtins:getattr", { construct: zoneMaker }],
  ["pytz:_UTC", { construct: () => zone(fixedZone(0)) }],
  ["pytz:_p", { construct: pytzZone }],
  ["pytz:FixedOffset", { construct: (call, builder) => zone(offsetZone(call.args[0], builder, 60)) }],
  ["dateutil.tz.tz:tzutc", { construct: () => zone(fixedZone(0)) }],
  ["dateutil.tz.tz:tzoffset", { construct: (call, builder) => zone(offsetZone(call.args[1], builder)) }],
];

function zone(of: Zone): Part {
  return new Part({ kind: "zone", zone: of });
}

/** @param unit - Seconds that a plain number counts in; a timedelta says it itself. */
function offsetZone(source: PyValue | undefined, builder: Builder, unit = 1): Zone {
  const given = builder.value(source ?? null);
  if (given instanceof TimeDelta && given.microseconds !== 0) throw new RangeError("an offset has microseconds");
  const seconds =
    given instanceof TimeDelta ? given.totalMs / 1000 : Number.isInteger(given) ? Number(given) * unit : NaN;
  if (!(Math.abs(seconds) < daySeconds)) throw new RangeError("an offset is no length of less than a day");
  return fixedZone(seconds);
}

/** Python's pickler finds the maker of zones by `getattr`; for nothing else is that function allowed. */
function zoneMaker({ args }: PyCall): Part {
  const [owner, name] = args;
  const isZoneInfo =
    isNode(owner) && owner.kind === "global" && owner.module === "zoneinfo" && owner.name === "ZoneInfo";
  if (!isZoneInfo || name !== "_unpickle" || args.length !== 2) throw new RangeError("only zones are made with it");
  return new Part({ kind: "zone maker" });
}

/** The zone's name and, of a localized one, its offset and name at that time. */
function pytzZone({ args }: PyCall, builder: Builder): Part {
  return zone(args.length > 1 ? offsetZone(args[1], builder) : builder.zones.named(args[0] ?? null));
}
