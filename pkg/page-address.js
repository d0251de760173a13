// Addresses that the page gives.

import { invalidOption, kindOf } from "./errors.js";

/**
 * Addresses are relative to this one. The package can also be used in a worker, which has no document, and in programs,
 * where all addresses are whole.
 */
export function pageUrl() {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/** The whole address that an option of this name gives, as a text or a URL. */
export function addressOf(url, option) {
  if (typeof url === "string" || url instanceof URL) return absolute(url, pageUrl(), option);
  throw invalidOption(option, kindOf(url), "an address");
}

/** The whole address of `url`, relative to `base`, which the option gives. */
export function absolute(url, base, option = "url") {
  try {
    return new URL(url, base).href;
  } catch {
    throw invalidOption(option, JSON.stringify(url), "an address");
  }
}
