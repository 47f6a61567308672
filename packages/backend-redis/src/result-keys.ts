/** Names of keys and of the channels of the same name. PROTOCOL 7.4. */
export interface ResultKeys {
  task(taskId: string): string;
  group(groupId: string): string;
}

export function createResultKeys(prefix: string): ResultKeys {
  return {
    task: (taskId) => `${prefix}celery-task-meta-${taskId}`,
    group: (groupId) => `${prefix}celery-taskset-meta-${groupId}`,
  };
}
