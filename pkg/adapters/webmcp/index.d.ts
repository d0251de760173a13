// The knowledge base as tools for agents in the browser, by WebMCP (https://webmachinelearning.github.io/webmcp/).

import type { Engine } from "../../index.js";

export interface ToolOptions {
  /** Removes the tools when it aborts. */
  signal?: AbortSignal;
  /** Whether there is also a tool that adds texts. Without it agents change nothing. Default: false. */
  write?: boolean;
  /** Stands before the name of each tool, such as `"notes_"`: for a page with several knowledge bases. */
  prefix?: string;
}

/**
 * Gives agents in the browser the tools `search`, `ask`, `list`, `tables` and `query`, and `add` with `write`. They are
 * those of the command line's `mcp`, but offsets are UTF-16, and `add` takes texts only. `ask` quotes and computes,
 * without a generator: the agent words the answer. Results are marked as untrusted content. A failure is a result with
 * `isError`, which says what to do. An agent that cancels a call ends it in the engine.
 *
 * @returns whether they are registered: `false` where the browser has no `document.modelContext`.
 * @throws {DOMException} `InvalidStateError` for a name that is taken, `NotAllowedError` where the page's policy forbids
 * tools, or the reason of `signal`: none of the tools stays then
 */
export function registerTools(engine: Engine, options?: ToolOptions): Promise<boolean>;
