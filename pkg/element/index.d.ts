/**
 * `<multimodal-rag>`: a question box with cited answers, for any page. Importing this defines the element, once. On a
 * server, which has no elements, the import does nothing.
 */

import type { AskOptions, CellCitation, Citation, EndEvent, Engine, OpenOptions, Passage, TableEvent } from "../index.js";

/**
 * Asks a knowledge base, and shows answers with links to their sources.
 *
 * Attributes: `name`, `src`, `integrity`, `models`, `placeholder`, `limit`, `generator`, `preload`, and `lang`. Texts are
 * English or German, by the `lang` of the element or of the nearest element around it that has one.
 *
 * Nothing is loaded until the box is focused or asked. An element that is taken from the page closes the engine that it
 * opened. Another knowledge base, by attribute or property, removes the answers of the last one.
 *
 * Slots: `heading` (the label of the box), `empty` (shown until the first question; a click on an element with
 * `data-question` asks that), `footer`. Parts: `form`, `label`, `box`, `field`, `ask-button`, `button`, `progress`,
 * `turns`, `turn`, `question`, `short-answer`, `quote`, `source`, `table`, `answer`, `citation`, `problem`, `dialog`.
 *
 * Custom properties: `--rag-accent` and `--rag-accent-text` (the button, the bar, the outline of the focus), `--rag-line`,
 * `--rag-mark` (behind marked words), `--rag-radius`, `--rag-surface` and `--rag-surface-text` (the box with a passage).
 */
export class MultimodalRagElement extends HTMLElement {
  /** The name of the knowledge base. Default: empty; with no `src` that is the one named `"default"`. */
  name: string;
  /**
   * The address of an exported knowledge base, relative to the page, which is fetched and opened read-only. The last file of
   * an address is kept in the browser's cache; without a connection it is used. Read as an absolute address. Default: empty; the knowledge base `name` of this origin is opened.
   */
  get src(): string;
  set src(address: string);
  /** `"sha256-…"`, the hash of the file at `src` in Base64: another file is refused, and a kept one is used without a request. Default: empty. */
  integrity: string;
  /** The address of a file like `models.json`, relative to the page. Default: empty; `models.json` beside the page. */
  get models(): string;
  set models(address: string);
  /** Shown in the empty box. Default: empty; a text in the element's language. */
  placeholder: string;
  /** Passages to answer from at most, from 1 to 20. Default: null, as {@link AskOptions.limit}. */
  limit: number | null;
  /** Whether the generator writes an answer below the quotes. It is fetched at the first question. Default `"off"`. */
  generator: "off" | "on";
  /** Opens the knowledge base at once instead of at the first focus. Default false. */
  preload: boolean;

  /** An engine that the page has opened already. It is used instead of another, and not closed. Default: null. */
  engine: Engine | null;
  /** More options of the engine that the element opens. Default: none. */
  openOptions: Omit<OpenOptions, "name" | "onProgress" | "signal">;
  /** More options of each question. Default: none. */
  askOptions: Omit<AskOptions, "history" | "unsupported" | "onProgress" | "signal">;
  /** Texts that take the place of the element's own. Default: none. */
  texts: Partial<ElementTexts>;

  /** Asks as if the question was typed. Resolves to the answer, or to null where there was an error or no question. */
  ask(question: string): Promise<ElementAnswer | null>;
  /** Stops the running answer. What is there of it stays. */
  stop(): void;
  /** Removes all questions and answers. */
  clear(): void;

  addEventListener<Type extends keyof MultimodalRagEventMap>(
    type: Type,
    listener: (this: MultimodalRagElement, event: MultimodalRagEventMap[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof MultimodalRagEventMap>(
    type: Type,
    listener: (this: MultimodalRagElement, event: MultimodalRagEventMap[Type]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/**
 * Defines the element under another name too. Does nothing where the name is taken, or where there are no elements.
 *
 * @param name Default `"multimodal-rag"`.
 */
export function define(name?: string): void;

/** The events of the element. All are composed; all but `error` bubble. */
export interface MultimodalRagEventMap extends Omit<HTMLElementEventMap, "error"> {
  /** A question was asked. */
  ask: CustomEvent<{ question: string }>;
  /** An answer ended, also where it was stopped or there is none. */
  answer: CustomEvent<ElementAnswer>;
  /** The knowledge base could not be opened, or the question not be answered. `question` is absent where none was asked. */
  error: CustomEvent<{ question?: string; error: Error & { code?: string } }>;
  /**
   * A source was chosen. Unless this is cancelled, the link `href` is followed; where it is null, the passage is shown in
   * the element.
   */
  cite: CustomEvent<{ citation: Citation | CellCitation | Passage; href: string | null }>;
}

/** An answer as it was shown. */
export interface ElementAnswer {
  question: string;
  reason: EndEvent["reason"];
  /** The answer in a few words; null where none is sure enough. */
  short: Citation | null;
  /** The answer that was computed from a table; null where none was. */
  table: TableEvent | null;
  quotes: Citation[];
  /** The written answer, with "…" for what is not supported; empty where none was written. */
  text: string;
  /** The sources that the written answer cites. */
  citations: Citation[];
  /** How many written sentences are not supported. */
  unsupported: number;
}

/** The texts of the element. `{name}` stands for a value. */
export interface ElementTexts {
  /** Ask a question */
  label: string;
  /** What would you like to know? */
  placeholder: string;
  /** Ask */
  ask: string;
  /** Stop */
  stop: string;
  /** Clear answers */
  clear: string;
  /** Questions and answers */
  history: string;
  /** Opening the documents */
  opening: string;
  /** Downloading */
  downloading: string;
  /** Loading */
  loading: string;
  /** Searching the documents */
  searching: string;
  /** Reading the passages */
  reading: string;
  /** Writing an answer */
  writing: string;
  /** {what}: {done} of {total} */
  amount: string;
  /** “{from}” is in no document. “{to}” was searched instead. */
  corrected: string;
  /** From the documents */
  quotes: string;
  /** Written by a language model from these documents */
  written: string;
  /** Also cited */
  alsoCited: string;
  /** Pictures */
  pictures: string;
  /** Picture from {source} */
  picture: string;
  /** Source {number}: {source} */
  source: string;
  /** {name} in {container} */
  member: string;
  /** Computed from a table */
  computed: string;
  /** How it was computed */
  computedHow: string;
  /** {count} more rows */
  moreRows: string;
  /** A sentence that the documents do not support: show it */
  unsupportedShow: string;
  /** {sentence} (not supported by the documents) */
  unsupportedHide: string;
  /** “…” stands for what the documents do not support. */
  unsupportedNote: string;
  /** The documents do not answer this question. */
  noAnswer: string;
  /** Ask in other words, or about something else. */
  noAnswerHint: string;
  /** The nearest passages all the same */
  nearest: string;
  /** Stopped. */
  stopped: string;
  /** The answer was cut off at its greatest length. */
  cutOff: string;
  /** Quotes found: {count}. */
  found: string;
  /** The answer is finished. Sources cited: {count}. */
  finished: string;
  /** Try again */
  tryAgain: string;
  /** Close */
  close: string;
  /** page {first} */
  page: string;
  /** pages {first}–{last} */
  pages: string;
  /** page {label} ({first}) */
  pageLabelled: string;
  /** slide {first} */
  slide: string;
  /** sheet {name} */
  sheet: string;
  /** row {first} */
  row: string;
  /** rows {first}–{last} */
  rows: string;
  /** line {first} */
  line: string;
  /** lines {first}–{last} */
  lines: string;
  /** {message} */
  failed: string;
  /** What is said of an error, by its code. Other errors are said in their own words, within `failed`. */
  errors: Record<string, string>;
}

declare global {
  interface HTMLElementTagNameMap {
    "multimodal-rag": MultimodalRagElement;
  }
}
