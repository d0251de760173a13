// A stand-in for `document.modelContext`, run in the page: it registers, lists and calls tools as the draft of WebMCP
// says, with the same errors. It keeps only JSON of what goes in and out, as a browser does.

class ModelContext extends EventTarget {
  #tools = new Map();
  isForbidden = false;

  registerTool(tool, { signal } = {}) {
    try {
      const definition = this.#define(tool);
      if (signal?.aborted) return Promise.reject(signal.reason);
      const registered = Promise.withResolvers();
      signal?.addEventListener("abort", () => {
        this.#tools.delete(tool.name);
        registered.reject(signal.reason);
      });
      this.#tools.set(tool.name, definition);
      setTimeout(registered.resolve);
      return registered.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #define({ name, title = "", description, inputSchema, execute, annotations }) {
    if (this.isForbidden) throw new DOMException("The policy forbids tools.", "NotAllowedError");
    const isValid = typeof name === "string" && /^[\w.-]{1,128}$/.test(name) && !this.#tools.has(name) && description !== "";
    if (!isValid) throw new DOMException(`The tool ${name} is not valid.`, "InvalidStateError");
    if (typeof execute !== "function" || typeof description !== "string") throw new TypeError("A tool has more.");
    const hints = { readOnlyHint: false, untrustedContentHint: false, consequentialHint: false, debugging: false, ...annotations };
    return { listed: { name, title, description, annotations: hints }, schema: JSON.stringify(inputSchema), execute };
  }

  async getTools() {
    const tools = [...this.#tools.values()].map(({ listed, schema }) => ({ ...listed, inputSchema: JSON.parse(schema) }));
    return tools.sort((one, next) => (one.name < next.name ? -1 : 1));
  }

  /** Resolves to the JSON of the result. */
  async executeTool({ name }, input = {}, { signal } = {}) {
    const { execute } = this.#tools.get(name) ?? {};
    if (!execute) throw new DOMException("There is no such tool.", "UnknownError");
    const running = new AbortController();
    const aborted = Promise.withResolvers();
    signal?.addEventListener("abort", () => {
      aborted.reject(signal.reason);
      running.abort(signal.reason);
    });
    const called = execute(JSON.parse(JSON.stringify(input)), { signal: running.signal });
    called.then(
      (value) => (this.last = { value }),
      (error) => (this.last = { rejected: error.name }),
    );
    const result = called.catch(() => Promise.reject(new DOMException("The tool failed.", "UnknownError")));
    return JSON.stringify(await Promise.race([result, aborted.promise]));
  }
}

Object.defineProperty(document, "modelContext", { value: new ModelContext(), configurable: true });
