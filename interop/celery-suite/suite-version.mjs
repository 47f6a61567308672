// @ts-check
/** The release whose suite is run; the control's results are kept per version. */
export const SUITE_VERSION = "5.6.3";

export const TASKS_FILE = "t/integration/test_tasks.py";
export const INSPECT_FILE = "t/integration/test_inspect.py";
export const CANVAS_FILE = "t/integration/test_canvas.py";

/** Every file that puts an external worker to work; the others start brokers or workers of their own. */
export const CONTROL_FILES = [TASKS_FILE, INSPECT_FILE, CANVAS_FILE];
