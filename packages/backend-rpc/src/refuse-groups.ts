import type { CallOptions, GroupStore } from "@celeriac/core/ports";
import { UnsupportedOperation } from "./unsupported-operation.js";

/**
 * Groups cannot be saved: there is no place that another process could look at.
 * @param check - Rejects for what is wrong with any call: a closed backend, an aborted signal.
 */
export function refuseGroups(check: (doing: string, call: CallOptions | undefined) => Promise<void>): GroupStore {
  const refuse = async (operation: string, call: CallOptions | undefined): Promise<never> => {
    await check("looking after a group", call);
    throw new UnsupportedOperation(operation);
  };
  return {
    save: (_groupId, _tuple, call) => refuse("save_group", call),
    restore: (_groupId, call) => refuse("restore_group", call),
    delete: (_groupId, call) => refuse("delete_group", call),
  };
}
