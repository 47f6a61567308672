import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Parking } from "@celeriac/core/ports";
import { numberOf, waitingName } from "../claim/claim-name.js";
import { isMissing } from "../folder/folder-fault.js";
import type { Session } from "../session.js";

/** Far ETAs. "Broker time" is this machine's clock. A promoted message gets its old name, and so its old place. */
export function folderParking(session: Session): Parking {
  const { parked } = session.own;
  const { inFolder } = session.settings;
  return {
    park: (delivery, dueAtMs) =>
      session.call("park a message", undefined, async () => {
        const { claims } = await session.station();
        await claims.park(delivery.deliveryTag, dueAtMs);
      }),
    promoteDue: (options) =>
      session.call("promote parked messages", options, async () => {
        const nowMs = Date.now();
        const due = (await readdir(parked)).filter((name) => numberOf(name) <= nowMs);
        const promoted = await Promise.all(due.map((name) => promote(session, join(parked, name), inFolder, name)));
        return promoted.filter(Boolean).length;
      }),
    count: (options) => session.call("count parked messages", options, async () => (await readdir(parked)).length),
  };
}

async function promote(session: Session, path: string, inFolder: string, name: string): Promise<boolean> {
  try {
    await rename(path, join(inFolder, waitingName(name)));
  } catch (error) {
    if (isMissing(error)) return false; // another worker was faster
    throw error;
  }
  session.feed.noticed(waitingName(name));
  return true;
}
