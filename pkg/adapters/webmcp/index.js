// The knowledge base as tools for agents in the browser (WebMCP). index.d.ts has the types and documentation.

import { RagError } from "../../errors.js";
import { ACTIONS } from "./actions.js";
import { TOOLS } from "./tools.js";

export async function registerTools(engine, { signal, write = false, prefix = "" } = {}) {
  const context = globalThis.document?.modelContext;
  if (!context) return false;
  // One that is refused takes the others with it.
  const all = new AbortController();
  const either = AbortSignal.any(signal ? [signal, all.signal] : [all.signal]);
  const tools = TOOLS.filter(({ readOnly }) => readOnly || write).map((tool) => pageTool(engine, tool, prefix));
  try {
    await Promise.all(tools.map(async (tool) => context.registerTool(tool, { signal: either })));
  } catch (error) {
    all.abort();
    throw error;
  }
  return true;
}

function pageTool(engine, { name, title, description, inputSchema, readOnly }, prefix) {
  return {
    name: prefix + name,
    title,
    description,
    inputSchema,
    annotations: { readOnlyHint: readOnly, untrustedContentHint: true },
    execute: (input, { signal } = {}) => call(engine, name, inputSchema, input, signal),
  };
}

/** A failure is a result, which the agent can act upon: of a promise that rejects the browser tells it nothing. */
async function call(engine, name, inputSchema, input, signal) {
  try {
    return await ACTIONS[name](engine, checked(input, inputSchema), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RagError)) throw error;
    return { content: [{ type: "text", text: error.message }], isError: true };
  }
}

/** The arguments of a tool, which an agent may have got wrong. The engine checks the other values. */
function checked(input, { properties, required }) {
  const missing = required.find((name) => typeof input?.[name] !== "string");
  if (missing) throw new RagError("invalid_option", `The tool needs the text "${missing}".`);
  const unknown = Object.keys(input ?? {}).find((name) => !Object.hasOwn(properties, name));
  if (unknown) throw new RagError("invalid_option", `The tool has no argument "${unknown}".`);
  const { minimum = -Infinity, maximum = Infinity } = properties.limit ?? {};
  if (input?.limit !== undefined && !(input.limit >= minimum && input.limit <= maximum)) {
    throw new RagError("invalid_option", `"limit" is a number from ${minimum} to ${maximum}.`);
  }
  return input ?? {};
}
