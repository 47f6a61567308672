import { decimal, flag, integer, list, type OpenRecord, record, seconds, text } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** Settings of Celery that only Python or a store without an adapter has a use for: checked, warned of, dropped. */
export interface ForeignSettings {
  readonly taskRemoteTracebacks: boolean;
  readonly workerPoolPutlocks: boolean;
  readonly workerAutoscaler: string;
  readonly workerConsumer: string;
  readonly workerTimer: string | null;
  readonly workerAgent: string | null;
  readonly resultBackendThreadSafe: boolean;
  readonly redisBackendCredentialProvider: string | null;
  readonly databaseEngineCallback: string | null;
  readonly cacheBackend: string | null;
  readonly cacheBackendOptions: OpenRecord;
  readonly cassandraServers: readonly string[] | null;
  readonly cassandraPort: number | null;
  readonly cassandraKeyspace: string | null;
  readonly cassandraTable: string | null;
  readonly cassandraReadConsistency: string | null;
  readonly cassandraWriteConsistency: string | null;
  readonly cassandraEntryTtl: number | null;
  readonly cassandraAuthProvider: string | null;
  readonly cassandraAuthKwargs: OpenRecord | null;
  readonly cassandraBundlePath: string | null;
  /** The name that Celery's documentation gives the one above. */
  readonly cassandraSecureBundlePath: string | null;
  readonly cassandraOptions: OpenRecord;
  readonly s3AccessKeyId: string | null;
  readonly s3SecretAccessKey: string | null;
  readonly s3Bucket: string | null;
  readonly s3BasePath: string | null;
  readonly s3EndpointUrl: string | null;
  readonly s3Region: string | null;
  readonly azureblockblobContainerName: string;
  readonly azureblockblobBasePath: string;
  readonly azureblockblobRetryInitialBackoffSec: number;
  readonly azureblockblobRetryIncrementBase: number;
  readonly azureblockblobRetryMaxAttempts: number;
  readonly azureblockblobConnectionTimeout: number;
  readonly azureblockblobReadTimeout: number;
  readonly gcsBucket: string | null;
  readonly gcsProject: string | null;
  readonly gcsBasePath: string;
  readonly gcsTtl: number;
  readonly gcsThreadpoolMaxsize: number;
  readonly firestoreProject: string | null;
  readonly elasticsearchRetryOnTimeout: boolean | null;
  readonly elasticsearchMaxRetries: number | null;
  readonly elasticsearchTimeout: number | null;
  readonly elasticsearchSaveMetaAsText: boolean;
  readonly couchbaseBackendSettings: OpenRecord | null;
  readonly arangodbBackendSettings: OpenRecord | null;
  readonly cosmosdbsqlDatabaseName: string;
  readonly cosmosdbsqlCollectionName: string;
  readonly cosmosdbsqlConsistencyLevel: string;
  readonly cosmosdbsqlMaxRetryAttempts: number;
  readonly cosmosdbsqlMaxRetryWaitTime: number;
}

const foreign = { use: "foreign" } as const;
const foreignSecret = { use: "foreign", secret: true } as const;

export const foreignSettings: SettingsTable<ForeignSettings> = {
  taskRemoteTracebacks: flag(false, foreign),
  workerPoolPutlocks: flag(true, foreign),
  workerAutoscaler: text("celery.worker.autoscale:Autoscaler", foreign),
  workerConsumer: text("celery.worker.consumer:Consumer", foreign),
  workerTimer: text(null, foreign),
  workerAgent: text(null, foreign),
  resultBackendThreadSafe: flag(false, foreign),
  redisBackendCredentialProvider: text(null, foreign),
  databaseEngineCallback: text(null, foreign),
  cacheBackend: text(null, foreign),
  cacheBackendOptions: record({}, foreign),
  cassandraServers: list(null, foreign),
  cassandraPort: integer(null, foreign),
  cassandraKeyspace: text(null, foreign),
  cassandraTable: text(null, foreign),
  cassandraReadConsistency: text(null, foreign),
  cassandraWriteConsistency: text(null, foreign),
  cassandraEntryTtl: seconds(null, foreign),
  cassandraAuthProvider: text(null, foreign),
  cassandraAuthKwargs: record(null, foreignSecret),
  cassandraBundlePath: text(null, foreign),
  cassandraSecureBundlePath: text(null, foreign),
  cassandraOptions: record({}, foreign),
  s3AccessKeyId: text(null, foreignSecret),
  s3SecretAccessKey: text(null, foreignSecret),
  s3Bucket: text(null, foreign),
  s3BasePath: text(null, foreign),
  s3EndpointUrl: text(null, foreign),
  s3Region: text(null, foreign),
  azureblockblobContainerName: text("celery", foreign),
  azureblockblobBasePath: text("", foreign),
  azureblockblobRetryInitialBackoffSec: decimal(2, foreign),
  azureblockblobRetryIncrementBase: decimal(2, foreign),
  azureblockblobRetryMaxAttempts: integer(3, foreign),
  azureblockblobConnectionTimeout: seconds(20, foreign),
  azureblockblobReadTimeout: seconds(120, foreign),
  gcsBucket: text(null, foreign),
  gcsProject: text(null, foreign),
  gcsBasePath: text("", foreign),
  gcsTtl: seconds(0, foreign),
  gcsThreadpoolMaxsize: integer(10, foreign),
  firestoreProject: text(null, foreign),
  elasticsearchRetryOnTimeout: flag(null, foreign),
  elasticsearchMaxRetries: integer(null, foreign),
  elasticsearchTimeout: seconds(null, foreign),
  elasticsearchSaveMetaAsText: flag(true, foreign),
  couchbaseBackendSettings: record(null, foreign),
  arangodbBackendSettings: record(null, foreign),
  cosmosdbsqlDatabaseName: text("celerydb", foreign),
  cosmosdbsqlCollectionName: text("celerycol", foreign),
  cosmosdbsqlConsistencyLevel: text("Session", foreign),
  cosmosdbsqlMaxRetryAttempts: integer(9, foreign),
  cosmosdbsqlMaxRetryWaitTime: seconds(30, foreign),
};
