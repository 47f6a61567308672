// @ts-check
/** The release whose suite is run; the control's results are kept per version. */
export const SUITE_VERSION = "5.6.3";

/** Files for `--quick`. */
export const QUICK_FILES = ["t/integration/test_tasks.py"];

/** Files for a full run. */
export const FULL_FILES = [...QUICK_FILES, "t/integration/test_inspect.py"];

/**
 * What the control is run on: every file that puts an external worker to work; the others start brokers or workers of their
 * own. test_canvas.py joins the full run when our worker has canvas: until then most of its tests wait for their time limit,
 * more than an hour in all.
 */
export const CONTROL_FILES = [...FULL_FILES, "t/integration/test_canvas.py"];
