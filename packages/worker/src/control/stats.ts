import type { ControlHandler } from "./handlers.js";

/** `inspect stats`. @see PROTOCOL 10.3; the names are Celery's. */
export const workerStats: ControlHandler = (view) => {
  const { description } = view.app.broker;
  const usage = process.resourceUsage();
  const window = view.prefetchCount();
  return {
    total: Object.fromEntries(view.dispatcher.totals),
    pid: process.pid,
    clock: String(view.clock.value),
    uptime: Math.round((view.app.clock.now() - view.startedAtMs) / 1000),
    pool: view.pool.info(),
    broker: {
      hostname: description.hostname,
      userid: description.userId ?? null,
      virtual_host: description.virtualHost,
      port: description.port ?? null,
      transport: description.transport,
      alternates: [],
    },
    prefetch_count: Number.isFinite(window) ? window : 0,
    rusage: {
      utime: usage.userCPUTime / 1e6,
      stime: usage.systemCPUTime / 1e6,
      maxrss: usage.maxRSS,
      ixrss: usage.sharedMemorySize,
      idrss: usage.unsharedDataSize,
      isrss: usage.unsharedStackSize,
      minflt: usage.minorPageFault,
      majflt: usage.majorPageFault,
      nswap: usage.swappedOut,
      inblock: usage.fsRead,
      oublock: usage.fsWrite,
      msgsnd: usage.ipcSent,
      msgrcv: usage.ipcReceived,
      nsignals: usage.signalsCount,
      nvcsw: usage.voluntaryContextSwitches,
      nivcsw: usage.involuntaryContextSwitches,
    },
  };
};
