// The page's side of a generator that the page brings: it writes what the worker asks for.

import { kindOf } from "./errors.js";

export class GeneratorHost {
  #connection = null;
  #generators = new Map(); // id -> generator
  #running = new Map(); // number -> AbortController

  /** The connection over which the pieces are sent. */
  set connection(connection) {
    this.#connection = connection;
  }

  /**
   * What the worker is told of this source: of a generator of the page its number here, so that an answer is written by
   * the one that it began with.
   */
  describe(source) {
    if (source?.page === undefined) return source;
    const { generator, contextLength } = source.page;
    const id = this.#generators.size;
    this.#generators.set(id, generator);
    return { page: { id, contextLength } };
  }

  /** Hears the worker: what to write, `{ number, generator, messages, maxTokens, temperature }`, or `{ number, stop }`. */
  receive({ number, stop, generator, messages, ...options }) {
    if (stop) this.#running.get(number)?.abort();
    else void this.#write(number, this.#generators.get(generator), messages, options);
  }

  /** Ends all texts: the worker has ended. */
  endAll() {
    for (const controller of this.#running.values()) controller.abort();
  }

  async #write(number, generator, messages, options) {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(number, controller);
    const send = (more) => this.#connection.request("generated", { number, ...more });
    try {
      for await (const piece of generator.generate(messages, { ...options, signal })) {
        if (signal.aborted) return;
        if (typeof piece !== "string") throw new TypeError(`generate gave ${kindOf(piece)} instead of a string`);
        await send({ piece });
      }
      if (!signal.aborted) await send({});
    } catch (error) {
      if (!signal.aborted) await send({ error: { code: "generator_failed", message: messageOf(error) } }).catch(() => {});
    } finally {
      this.#running.delete(number);
    }
  }
}

function messageOf(error) {
  return String(error?.message || error);
}
