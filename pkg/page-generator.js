// A generator of the page, as the wasm module has it: the page is told what to write, and answers with pieces.

/** The texts that are being written, by their numbers. */
const texts = new Map();
/** Numbers of another worker, which may have died, are others. */
let next = Math.floor(Math.random() * 2 ** 40);

/** The wasm module knows this class by the same name. */
export class PageGenerator {
  #id;

  /** `id` tells the page which of its generators this is. */
  constructor({ id, contextLength }) {
    this.#id = id;
    this.contextLength = contextLength;
  }

  /** Begins a text: `{ messages, maxTokens, temperature }`. */
  begin(request) {
    const text = new PageText(next);
    next += 1;
    texts.set(text.number, text);
    self.postMessage({ generate: { number: text.number, generator: this.#id, ...request } });
    return text;
  }
}

class PageText {
  number;
  #pieces = [];
  #ending = null; // { error }, once no more pieces come
  #waiting = null; // { resolve, reject } of who waits for the next piece

  constructor(number) {
    this.number = number;
  }

  /** A promise of the next piece; of `undefined` at the end. It rejects with the error of the generator. */
  next() {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#deliver();
    });
  }

  /** Ends the text. */
  stop() {
    if (texts.delete(this.number)) self.postMessage({ generate: { number: this.number, stop: true } });
  }

  receive({ piece, error }) {
    if (piece !== undefined) this.#pieces.push(piece);
    else {
      texts.delete(this.number);
      this.#ending = { error };
    }
    this.#deliver();
  }

  #deliver() {
    if (!this.#waiting || (this.#pieces.length === 0 && !this.#ending)) return;
    const { resolve, reject } = this.#waiting;
    this.#waiting = null;
    if (this.#pieces.length > 0) resolve(this.#pieces.shift());
    else if (this.#ending.error) reject(this.#ending.error);
    else resolve(undefined);
  }
}

/** What the page's generator wrote: `{ number, piece }`, `{ number, error }`, or `{ number }` at the end. */
export function receiveGenerated({ number, ...more }) {
  texts.get(number)?.receive(more);
}

/** A generator as the wasm module takes it. */
export function withPageGenerator(source) {
  return source?.page === undefined ? source : { page: new PageGenerator(source.page) };
}
