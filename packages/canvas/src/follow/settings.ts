import type { Settings } from "@celeriac/core";
import type { FollowSettings } from "./follow-up.js";

/** The settings that change what follows a task. */
export function followSettings(settings: Settings): FollowSettings {
  return {
    errbacksOnChordHeader: settings.taskAllowErrorCbOnChordHeader,
    inheritPriority: settings.taskInheritParentPriority,
  };
}
