// @ts-check

/**
 * The servers that Celery's suite can be run on.
 * @typedef {"redis" | "amqp" | "quorum" | "postgres"} SuiteStageName
 */

/**
 * @typedef {object} SuiteStage
 * @property {string} title - For people.
 * @property {boolean} isRabbit - Messages go through RabbitMQ instead of Redis.
 * @property {boolean} isPostgres - Results are in PostgreSQL instead of Redis.
 * @property {Readonly<Record<string, unknown>>} settings - Celery's, for the suite and for every worker.
 */

/** @type {Readonly<Record<SuiteStageName, SuiteStage>>} */
export const SUITE_STAGES = {
  redis: { title: "Redis", isRabbit: false, isPostgres: false, settings: {} },
  amqp: { title: "RabbitMQ, results in Redis", isRabbit: true, isPostgres: false, settings: {} },
  quorum: {
    title: "RabbitMQ with quorum queues, results in Redis",
    isRabbit: true,
    isPostgres: false,
    // Celery delays in RabbitMQ for queues whose exchange can be bound by patterns.
    settings: { task_default_queue_type: "quorum", task_default_exchange_type: "topic" },
  },
  postgres: { title: "Redis, results in PostgreSQL", isRabbit: false, isPostgres: true, settings: {} },
};

/**
 * Files of a stage are named after it, those of Redis alone after nothing.
 * @param {SuiteStageName} stage
 */
export function filePart(stage) {
  return stage === "redis" ? "" : `${stage}-`;
}
