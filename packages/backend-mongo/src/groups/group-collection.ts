/**
 * Saved groups in `celery_groupmeta`: for Python the ids of the members, and beside them, of ours, the whole result tuple.
 * PROTOCOL 7.8.
 * @module
 */
import type { CallOptions, Clock, GroupStore, ResultTuple } from "@celeriac/core/ports";
import { decodeGroupMeta, encodeGroupMeta, encodeJson } from "@celeriac/core/protocol";
import { duplicateKeys } from "../connect/duplicate-keys.js";
import type { OpenedServer, StoredDocument } from "../connect/mongo-server.js";
import type { MongoSession } from "../connect/mongo-session.js";
import { checkId } from "../results/check-id.js";
import { OWN, ownFieldsOf, type Stamp } from "../results/own-fields.js";
import { decodeResult, encodeResult, fault, type ResultValueOptions } from "../results/result-value.js";

export interface GroupCollectionOptions {
  readonly session: MongoSession;
  readonly value: ResultValueOptions;
  readonly stamp: Stamp;
  readonly clock: Clock;
}

export function createGroupCollection({ session, value, stamp, clock }: GroupCollectionOptions): GroupStore {
  return {
    async save(groupId: string, tuple: ResultTuple, options?: CallOptions): Promise<void> {
      checkId("group id", groupId);
      const [, members] = tuple;
      const ids = (members ?? []).map(([[id]]) => id);
      const document = {
        _id: groupId,
        result: encodeResult(encodeJson(ids), { id: groupId }, value),
        date_done: new Date(clock.now()),
        [OWN]: { ...stamp(), tuple: encodeGroupMeta(tuple) },
      };
      const replace = ({ groups }: OpenedServer): Promise<unknown> =>
        groups.replaceOne({ _id: groupId }, document, { upsert: true });
      await session.run("saving a group", options, (opened) =>
        replace(opened).catch((error: unknown) => {
          if (duplicateKeys(error, 1) === undefined) throw error;
          return replace(opened); // somebody else inserted it just now
        }),
      );
    },

    async restore(groupId: string, options?: CallOptions): Promise<ResultTuple | undefined> {
      checkId("group id", groupId);
      const document = await session.run("restoring a group", options, ({ groups }) =>
        groups.findOne({ _id: groupId }),
      );
      return document === null ? undefined : decodeGroup(groupId, document, value);
    },

    async delete(groupId: string, options?: CallOptions): Promise<void> {
      checkId("group id", groupId);
      await session.run("deleting a group", options, ({ groups }) => groups.deleteOne({ _id: groupId }));
    },
  };
}

/** @throws DecodeError `E_RESULT` */
export function decodeGroup(groupId: string, document: StoredDocument, options: ResultValueOptions): ResultTuple {
  const { tuple } = ownFieldsOf(document);
  if (typeof tuple === "string") return decodeGroupMeta(tuple);
  const ids = decodeResult(document.result, options);
  if (!Array.isArray(ids)) throw fault("the members of a group must be a list of ids");
  return [
    [groupId, null],
    ids.map((id: unknown): ResultTuple => {
      if (typeof id !== "string") throw fault("the members of a group must be ids");
      return [[id, null], null];
    }),
  ];
}
