import type { QueueAdmin } from "@celeriac/core/ports";
import type { Declarations } from "../publish/declarations.js";
import type { Session } from "../session.js";
import { purgeQueue, waitingIn } from "./queue-folder.js";

/** Looking after queues. A queue is the files that bear its name, so there is nothing to create. */
export function folderQueueAdmin(session: Session, declarations: Declarations): QueueAdmin {
  const { inFolder } = session.settings;
  return {
    declare: (queue, options) =>
      session.call(`declare queue "${queue.name}"`, options, () => declarations.declare(queue)),
    length: (queue, options) =>
      session.call(`count queue "${queue}"`, options, async () => (await waitingIn(inFolder, queue)).length),
    purge: (queue, options) => session.call(`purge queue "${queue}"`, options, () => purgeQueue(inFolder, queue)),
    delete: (queue, options) =>
      session.call(`delete queue "${queue.name}"`, options, async () => {
        await declarations.remove(queue);
        await purgeQueue(inFolder, queue.name);
      }),
  };
}
