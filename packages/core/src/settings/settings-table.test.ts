import { describe, expect, it } from "vitest";
import { findSetting, settingNames, suggestSetting } from "./setting-names.js";

/** Every setting of Celery 5.6.3 (`celery/app/defaults.py`): name, name in Celery 3, default. `null` defaults are `None`. */
const CELERY: readonly (readonly [lower: string, old: string, fallback: unknown])[] = [
  ["accept_content", "CELERY_ACCEPT_CONTENT", ["json"]],
  ["result_accept_content", "RESULT_ACCEPT_CONTENT", null],
  ["enable_utc", "ENABLE_UTC", true],
  ["imports", "CELERY_IMPORTS", []],
  ["include", "CELERY_INCLUDE", []],
  ["timezone", "CELERY_TIMEZONE", null],
  ["beat_max_loop_interval", "CELERYBEAT_MAX_LOOP_INTERVAL", 0],
  ["beat_schedule", "CELERYBEAT_SCHEDULE", {}],
  ["beat_scheduler", "CELERYBEAT_SCHEDULER", "celery.beat:PersistentScheduler"],
  ["beat_schedule_filename", "CELERYBEAT_SCHEDULE_FILENAME", "celerybeat-schedule"],
  ["beat_sync_every", "CELERYBEAT_SYNC_EVERY", 0],
  ["beat_cron_starting_deadline", "CELERYBEAT_CRON_STARTING_DEADLINE", null],
  ["broker_url", "BROKER_URL", null],
  ["broker_read_url", "BROKER_READ_URL", null],
  ["broker_write_url", "BROKER_WRITE_URL", null],
  ["broker_transport", "BROKER_TRANSPORT", null],
  ["broker_transport_options", "BROKER_TRANSPORT_OPTIONS", {}],
  ["broker_connection_timeout", "BROKER_CONNECTION_TIMEOUT", 4],
  ["broker_connection_retry", "BROKER_CONNECTION_RETRY", true],
  ["broker_connection_retry_on_startup", "BROKER_CONNECTION_RETRY_ON_STARTUP", null],
  ["broker_connection_max_retries", "BROKER_CONNECTION_MAX_RETRIES", 100],
  ["broker_channel_error_retry", "BROKER_CHANNEL_ERROR_RETRY", false],
  ["broker_failover_strategy", "BROKER_FAILOVER_STRATEGY", null],
  ["broker_heartbeat", "BROKER_HEARTBEAT", 120],
  ["broker_heartbeat_checkrate", "BROKER_HEARTBEAT_CHECKRATE", 3],
  ["broker_login_method", "BROKER_LOGIN_METHOD", null],
  ["broker_native_delayed_delivery_queue_type", "BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE", "quorum"],
  ["broker_pool_limit", "BROKER_POOL_LIMIT", 10],
  ["broker_use_ssl", "BROKER_USE_SSL", false],
  ["broker_host", "BROKER_HOST", null],
  ["broker_port", "BROKER_PORT", null],
  ["broker_user", "BROKER_USER", null],
  ["broker_password", "BROKER_PASSWORD", null],
  ["broker_vhost", "BROKER_VHOST", null],
  ["cache_backend", "CELERY_CACHE_BACKEND", null],
  ["cache_backend_options", "CELERY_CACHE_BACKEND_OPTIONS", {}],
  ["cassandra_entry_ttl", "CASSANDRA_ENTRY_TTL", null],
  ["cassandra_keyspace", "CASSANDRA_KEYSPACE", null],
  ["cassandra_port", "CASSANDRA_PORT", null],
  ["cassandra_read_consistency", "CASSANDRA_READ_CONSISTENCY", null],
  ["cassandra_servers", "CASSANDRA_SERVERS", null],
  ["cassandra_bundle_path", "CASSANDRA_BUNDLE_PATH", null],
  ["cassandra_table", "CASSANDRA_TABLE", null],
  ["cassandra_write_consistency", "CASSANDRA_WRITE_CONSISTENCY", null],
  ["cassandra_auth_provider", "CASSANDRA_AUTH_PROVIDER", null],
  ["cassandra_auth_kwargs", "CASSANDRA_AUTH_KWARGS", null],
  ["cassandra_options", "CASSANDRA_OPTIONS", {}],
  ["s3_access_key_id", "S3_ACCESS_KEY_ID", null],
  ["s3_secret_access_key", "S3_SECRET_ACCESS_KEY", null],
  ["s3_bucket", "S3_BUCKET", null],
  ["s3_base_path", "S3_BASE_PATH", null],
  ["s3_endpoint_url", "S3_ENDPOINT_URL", null],
  ["s3_region", "S3_REGION", null],
  ["azureblockblob_container_name", "AZUREBLOCKBLOB_CONTAINER_NAME", "celery"],
  ["azureblockblob_retry_initial_backoff_sec", "AZUREBLOCKBLOB_RETRY_INITIAL_BACKOFF_SEC", 2],
  ["azureblockblob_retry_increment_base", "AZUREBLOCKBLOB_RETRY_INCREMENT_BASE", 2],
  ["azureblockblob_retry_max_attempts", "AZUREBLOCKBLOB_RETRY_MAX_ATTEMPTS", 3],
  ["azureblockblob_base_path", "AZUREBLOCKBLOB_BASE_PATH", ""],
  ["azureblockblob_connection_timeout", "AZUREBLOCKBLOB_CONNECTION_TIMEOUT", 20],
  ["azureblockblob_read_timeout", "AZUREBLOCKBLOB_READ_TIMEOUT", 120],
  ["gcs_bucket", "GCS_BUCKET", null],
  ["gcs_project", "GCS_PROJECT", null],
  ["gcs_base_path", "GCS_BASE_PATH", ""],
  ["gcs_ttl", "GCS_TTL", 0],
  ["control_queue_ttl", "CONTROL_QUEUE_TTL", 300],
  ["control_queue_expires", "CONTROL_QUEUE_EXPIRES", 10],
  ["control_queue_exclusive", "CONTROL_QUEUE_EXCLUSIVE", false],
  ["control_queue_durable", "CONTROL_QUEUE_DURABLE", false],
  ["control_exchange", "CONTROL_EXCHANGE", "celery"],
  ["couchbase_backend_settings", "CELERY_COUCHBASE_BACKEND_SETTINGS", null],
  ["arangodb_backend_settings", "CELERY_ARANGODB_BACKEND_SETTINGS", null],
  ["mongodb_backend_settings", "CELERY_MONGODB_BACKEND_SETTINGS", null],
  ["cosmosdbsql_database_name", "COSMOSDBSQL_DATABASE_NAME", "celerydb"],
  ["cosmosdbsql_collection_name", "COSMOSDBSQL_COLLECTION_NAME", "celerycol"],
  ["cosmosdbsql_consistency_level", "COSMOSDBSQL_CONSISTENCY_LEVEL", "Session"],
  ["cosmosdbsql_max_retry_attempts", "COSMOSDBSQL_MAX_RETRY_ATTEMPTS", 9],
  ["cosmosdbsql_max_retry_wait_time", "COSMOSDBSQL_MAX_RETRY_WAIT_TIME", 30],
  ["event_queue_expires", "CELERY_EVENT_QUEUE_EXPIRES", 60],
  ["event_queue_ttl", "CELERY_EVENT_QUEUE_TTL", 5],
  ["event_queue_prefix", "CELERY_EVENT_QUEUE_PREFIX", "celeryev"],
  ["event_queue_exclusive", "CELERY_EVENT_QUEUE_EXCLUSIVE", false],
  ["event_queue_durable", "CELERY_EVENT_QUEUE_DURABLE", false],
  ["event_serializer", "CELERY_EVENT_SERIALIZER", "json"],
  ["event_exchange", "CELERY_EVENT_EXCHANGE", "celeryev"],
  ["redis_backend_use_ssl", "CELERY_REDIS_BACKEND_USE_SSL", null],
  ["redis_db", "CELERY_REDIS_DB", null],
  ["redis_host", "CELERY_REDIS_HOST", null],
  ["redis_max_connections", "CELERY_REDIS_MAX_CONNECTIONS", null],
  ["redis_username", "CELERY_REDIS_USERNAME", null],
  ["redis_password", "CELERY_REDIS_PASSWORD", null],
  ["redis_port", "CELERY_REDIS_PORT", null],
  ["redis_socket_timeout", "CELERY_REDIS_SOCKET_TIMEOUT", 120],
  ["redis_socket_connect_timeout", "CELERY_REDIS_SOCKET_CONNECT_TIMEOUT", null],
  ["redis_retry_on_timeout", "CELERY_REDIS_RETRY_ON_TIMEOUT", false],
  ["redis_socket_keepalive", "CELERY_REDIS_SOCKET_KEEPALIVE", false],
  ["result_backend", "CELERY_RESULT_BACKEND", null],
  ["result_cache_max", "CELERY_MAX_CACHED_RESULTS", -1],
  ["result_compression", "CELERY_RESULT_COMPRESSION", null],
  ["result_exchange", "CELERY_RESULT_EXCHANGE", "celeryresults"],
  ["result_exchange_type", "CELERY_RESULT_EXCHANGE_TYPE", "direct"],
  ["result_expires", "CELERY_TASK_RESULT_EXPIRES", 86400],
  ["result_persistent", "CELERY_RESULT_PERSISTENT", null],
  ["result_extended", "CELERY_RESULT_EXTENDED", false],
  ["result_serializer", "CELERY_RESULT_SERIALIZER", "json"],
  ["result_backend_transport_options", "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS", {}],
  ["result_chord_retry_interval", "CELERY_RESULT_CHORD_RETRY_INTERVAL", 1],
  ["result_chord_join_timeout", "CELERY_RESULT_CHORD_JOIN_TIMEOUT", 3],
  ["result_backend_max_sleep_between_retries_ms", "CELERY_RESULT_BACKEND_MAX_SLEEP_BETWEEN_RETRIES_MS", 10000],
  ["result_backend_max_retries", "CELERY_RESULT_BACKEND_MAX_RETRIES", Number.POSITIVE_INFINITY],
  ["result_backend_base_sleep_between_retries_ms", "CELERY_RESULT_BACKEND_BASE_SLEEP_BETWEEN_RETRIES_MS", 10],
  ["result_backend_always_retry", "CELERY_RESULT_BACKEND_ALWAYS_RETRY", false],
  ["elasticsearch_retry_on_timeout", "CELERY_ELASTICSEARCH_RETRY_ON_TIMEOUT", null],
  ["elasticsearch_max_retries", "CELERY_ELASTICSEARCH_MAX_RETRIES", null],
  ["elasticsearch_timeout", "CELERY_ELASTICSEARCH_TIMEOUT", null],
  ["elasticsearch_save_meta_as_text", "CELERY_ELASTICSEARCH_SAVE_META_AS_TEXT", true],
  ["security_certificate", "CELERY_SECURITY_CERTIFICATE", null],
  ["security_cert_store", "CELERY_SECURITY_CERT_STORE", null],
  ["security_key", "CELERY_SECURITY_KEY", null],
  ["security_key_password", "CELERY_SECURITY_KEY_PASSWORD", null],
  ["security_digest", "CELERY_SECURITY_DIGEST", "sha256"],
  ["database_url", "CELERY_RESULT_DBURI", null],
  ["database_engine_options", "CELERY_RESULT_ENGINE_OPTIONS", { pool_pre_ping: true, pool_recycle: 3600 }],
  ["database_short_lived_sessions", "CELERY_RESULT_DB_SHORT_LIVED_SESSIONS", false],
  ["database_table_schemas", "DATABASE_TABLE_SCHEMAS", null],
  ["database_table_names", "CELERY_RESULT_DB_TABLENAMES", null],
  ["database_create_tables_at_setup", "DATABASE_CREATE_TABLES_AT_SETUP", true],
  ["task_acks_late", "CELERY_ACKS_LATE", false],
  ["task_acks_on_failure_or_timeout", "CELERY_ACKS_ON_FAILURE_OR_TIMEOUT", true],
  ["task_always_eager", "CELERY_ALWAYS_EAGER", false],
  ["task_annotations", "CELERY_ANNOTATIONS", null],
  ["task_compression", "CELERY_MESSAGE_COMPRESSION", null],
  ["task_create_missing_queues", "CELERY_CREATE_MISSING_QUEUES", true],
  ["task_create_missing_queue_type", "CELERY_CREATE_MISSING_QUEUE_TYPE", "classic"],
  ["task_create_missing_queue_exchange_type", "CELERY_CREATE_MISSING_QUEUE_EXCHANGE_TYPE", null],
  ["task_inherit_parent_priority", "CELERY_INHERIT_PARENT_PRIORITY", false],
  ["task_default_delivery_mode", "CELERY_DEFAULT_DELIVERY_MODE", 2],
  ["task_default_queue", "CELERY_DEFAULT_QUEUE", "celery"],
  ["task_default_queue_type", "CELERY_DEFAULT_QUEUE_TYPE", "classic"],
  ["task_default_exchange", "CELERY_DEFAULT_EXCHANGE", null],
  ["task_default_exchange_type", "CELERY_DEFAULT_EXCHANGE_TYPE", "direct"],
  ["task_default_routing_key", "CELERY_DEFAULT_ROUTING_KEY", null],
  ["task_default_rate_limit", "CELERY_DEFAULT_RATE_LIMIT", null],
  ["task_default_priority", "CELERY_DEFAULT_PRIORITY", null],
  ["task_eager_propagates", "CELERY_EAGER_PROPAGATES_EXCEPTIONS", false],
  ["task_ignore_result", "CELERY_IGNORE_RESULT", false],
  ["task_store_eager_result", "CELERY_STORE_EAGER_RESULT", false],
  ["task_protocol", "CELERY_TASK_PROTOCOL", 2],
  ["task_publish_retry", "CELERY_TASK_PUBLISH_RETRY", true],
  [
    "task_publish_retry_policy",
    "CELERY_TASK_PUBLISH_RETRY_POLICY",
    { max_retries: 3, interval_start: 0, interval_max: 1, interval_step: 0.2 },
  ],
  ["task_queues", "CELERY_QUEUES", null],
  ["task_queue_max_priority", "CELERY_QUEUE_MAX_PRIORITY", null],
  ["task_reject_on_worker_lost", "CELERY_REJECT_ON_WORKER_LOST", null],
  ["task_remote_tracebacks", "CELERY_REMOTE_TRACEBACKS", false],
  ["task_routes", "CELERY_ROUTES", null],
  ["task_send_sent_event", "CELERY_SEND_TASK_SENT_EVENT", false],
  ["task_serializer", "CELERY_TASK_SERIALIZER", "json"],
  ["task_soft_time_limit", "CELERYD_TASK_SOFT_TIME_LIMIT", null],
  ["task_time_limit", "CELERYD_TASK_TIME_LIMIT", null],
  ["task_store_errors_even_if_ignored", "CELERY_STORE_ERRORS_EVEN_IF_IGNORED", false],
  ["task_track_started", "CELERY_TRACK_STARTED", false],
  ["task_allow_error_cb_on_chord_header", "CELERY_ALLOW_ERROR_CB_ON_CHORD_HEADER", false],
  ["worker_agent", "CELERYD_AGENT", null],
  ["worker_autoscaler", "CELERYD_AUTOSCALER", "celery.worker.autoscale:Autoscaler"],
  [
    "worker_cancel_long_running_tasks_on_connection_loss",
    "CELERYD_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS",
    false,
  ],
  ["worker_soft_shutdown_timeout", "CELERYD_SOFT_SHUTDOWN_TIMEOUT", 0],
  ["worker_enable_soft_shutdown_on_idle", "CELERYD_ENABLE_SOFT_SHUTDOWN_ON_IDLE", false],
  ["worker_concurrency", "CELERYD_CONCURRENCY", null],
  ["worker_consumer", "CELERYD_CONSUMER", "celery.worker.consumer:Consumer"],
  ["worker_direct", "CELERY_WORKER_DIRECT", false],
  ["worker_disable_rate_limits", "CELERY_DISABLE_RATE_LIMITS", false],
  ["worker_deduplicate_successful_tasks", "CELERYD_DEDUPLICATE_SUCCESSFUL_TASKS", false],
  ["worker_enable_remote_control", "CELERY_ENABLE_REMOTE_CONTROL", true],
  ["worker_hijack_root_logger", "CELERYD_HIJACK_ROOT_LOGGER", true],
  ["worker_log_color", "CELERYD_LOG_COLOR", null],
  ["worker_log_format", "CELERYD_LOG_FORMAT", "[%(asctime)s: %(levelname)s/%(processName)s] %(message)s"],
  ["worker_lost_wait", "CELERYD_WORKER_LOST_WAIT", 10],
  ["worker_max_memory_per_child", "CELERYD_MAX_MEMORY_PER_CHILD", null],
  ["worker_max_tasks_per_child", "CELERYD_MAX_TASKS_PER_CHILD", null],
  ["worker_pool", "CELERYD_POOL", "prefork"],
  ["worker_pool_putlocks", "CELERYD_POOL_PUTLOCKS", true],
  ["worker_pool_restarts", "CELERYD_POOL_RESTARTS", false],
  ["worker_proc_alive_timeout", "CELERYD_PROC_ALIVE_TIMEOUT", 4],
  ["worker_prefetch_multiplier", "CELERYD_PREFETCH_MULTIPLIER", 4],
  ["worker_eta_task_limit", "CELERYD_ETA_TASK_LIMIT", null],
  ["worker_enable_prefetch_count_reduction", "CELERYD_ENABLE_PREFETCH_COUNT_REDUCTION", true],
  ["worker_disable_prefetch", "CELERYD_DISABLE_PREFETCH", false],
  ["worker_redirect_stdouts", "CELERY_REDIRECT_STDOUTS", true],
  ["worker_redirect_stdouts_level", "CELERY_REDIRECT_STDOUTS_LEVEL", "WARNING"],
  ["worker_send_task_events", "CELERY_SEND_EVENTS", false],
  ["worker_state_db", "CELERYD_STATE_DB", null],
  [
    "worker_task_log_format",
    "CELERYD_TASK_LOG_FORMAT",
    "[%(asctime)s: %(levelname)s/%(processName)s] %(task_name)s[%(task_id)s]: %(message)s",
  ],
  ["worker_timer", "CELERYD_TIMER", null],
  ["worker_timer_precision", "CELERYD_TIMER_PRECISION", 1],
  ["worker_detect_quorum_queues", "CELERYD_DETECT_QUORUM_QUEUES", true],
];

/** Where our default is not the `None` of Celery's table, with the reason. */
const OURS: Readonly<Record<string, unknown>> = {
  timezone: "UTC", // what Celery's None comes to with enable_utc
  broker_failover_strategy: "round-robin", // kombu's default
  task_publish_retry_policy: { maxRetries: 3, intervalStart: 0, intervalMax: 1, intervalStep: 0.2 }, // camelCase
};

describe("the settings table", () => {
  it.each(CELERY)("knows %s under all its names, with Celery's default", (lower, old, fallback) => {
    const found = findSetting(lower)?.[0];
    expect(found?.lower).toBe(lower);
    expect(found?.old).toBe(old);
    expect(findSetting(old)?.[0]).toBe(found);
    expect(findSetting(`CELERY_${lower.toUpperCase()}`)?.[0]).toBe(found);
    expect(found?.setting.default).toEqual(Object.hasOwn(OURS, lower) ? OURS[lower] : fallback);
  });

  it("gives no spelling to two settings", () => {
    const owners = new Map<string, Set<string>>();
    for (const { camel, lower, old, prefixed } of settingNames) {
      for (const spelling of [camel, lower, old, prefixed]) {
        owners.set(spelling, (owners.get(spelling) ?? new Set()).add(camel));
      }
    }
    expect([...owners].filter(([, settings]) => settings.size > 1)).toEqual([]);
  });

  it("lets a default of null, and nothing that null is not allowed for, stand at null", () => {
    expect(settingNames.filter(({ setting }) => setting.default === null && !setting.nullable)).toEqual([]);
  });

  it("counts a name that is both old and prefixed as old, as Celery does", () => {
    expect(findSetting("CELERY_RESULT_BACKEND")?.[1]).toBe("old");
    expect(findSetting("CELERY_BROKER_URL")?.[1]).toBe("prefixed");
  });
});

describe("suggestSetting", () => {
  it.each([
    ["brokr_url", "broker_url"],
    ["brokerUri", "brokerUrl"],
    ["resultBackand", "resultBackend"],
    ["CELERY_RESULT_BACKENDS", "CELERY_RESULT_BACKEND"],
    ["CELERYD_CONCURENCY", "CELERYD_CONCURRENCY"],
    ["concurrency", "workerConcurrency"],
    ["task_ack_late", "task_acks_late"],
  ])("takes %s for %s", (wrong, right) => {
    expect(suggestSetting(wrong)).toBe(right);
  });

  it("says nothing about a name that is like no other", () => {
    expect(suggestSetting("quxlorem")).toBeUndefined();
    expect(suggestSetting("__proto__")).toBeUndefined();
  });
});
