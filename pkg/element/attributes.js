// The attributes of the element as properties.

// A server that renders pages imports this too, and has no elements.
const Base = globalThis.HTMLElement ?? class {};

/** An element whose properties are its attributes. `src` and `models` are read as absolute addresses, as an image's `src` is. */
export class AttributeElement extends Base {
  get name() {
    return this.getAttribute("name") ?? "";
  }

  set name(value) {
    this.#set("name", value);
  }

  get src() {
    return this.#address("src");
  }

  set src(value) {
    this.#set("src", value);
  }

  get integrity() {
    return this.getAttribute("integrity") ?? "";
  }

  set integrity(value) {
    this.#set("integrity", value);
  }

  get models() {
    return this.#address("models");
  }

  set models(value) {
    this.#set("models", value);
  }

  get placeholder() {
    return this.getAttribute("placeholder") ?? "";
  }

  set placeholder(value) {
    this.#set("placeholder", value);
  }

  get limit() {
    const limit = parseInt(this.getAttribute("limit") ?? "", 10);
    return Number.isNaN(limit) ? null : limit;
  }

  set limit(value) {
    this.#set("limit", value);
  }

  get generator() {
    return this.getAttribute("generator") === "on" ? "on" : "off";
  }

  set generator(value) {
    this.#set("generator", value);
  }

  get preload() {
    return this.hasAttribute("preload");
  }

  set preload(value) {
    this.toggleAttribute("preload", Boolean(value));
  }

  #set(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  #address(name) {
    const address = this.getAttribute(name);
    return address ? new URL(address, this.ownerDocument.baseURI).href : "";
  }
}
