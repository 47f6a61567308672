import type { FollowSettings } from "@celeriac/canvas";
import type { Settings } from "@celeriac/core";

/** The settings that change what follows a task. */
export function followSettings(settings: Settings): FollowSettings {
  return {
    errbacksOnChordHeader: settings.taskAllowErrorCbOnChordHeader,
    inheritPriority: settings.taskInheritParentPriority,
  };
}
