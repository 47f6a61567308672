export type { GroupResult, HandlesOf, MemberOf } from "./group-result.js";
export type { MembersOptions, SettledMember } from "./member-results.js";
export { isGroupResult, restoreGroup, resultFromTuple } from "./open-result.js";
export type { ResultGraph } from "./result-graph.js";
export { ResultSet } from "./result-set.js";
export type { RevokeOptions } from "./revoke.js";
export type { Dependency, FollowOptions, WorkflowHandle } from "./workflow-handle.js";
