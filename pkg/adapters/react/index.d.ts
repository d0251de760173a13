/** Hooks for React 18 and 19. They do nothing on a server: there is an engine once the page runs. */

import type {
  AnswerEvent,
  AskEvent,
  AskOptions,
  CitationEvent,
  EndEvent,
  Engine,
  ImageEvent,
  OpenOptions,
  Passage,
  Progress,
  QuoteEvent,
  RagError,
  TableEvent,
  UnsupportedEvent,
} from "../../index.js";

/**
 * Opens an engine when the component is mounted, and closes it when it is unmounted. Another `name` closes it and opens
 * that one. The other options are read when it is opened; give the component another `key` to open with others.
 */
export function useEngine(options?: Omit<OpenOptions, "signal">): EngineState;

export type EngineState =
  | { status: "opening"; /** Of models that are fetched and loaded. */ progress: Progress | null; error: null; engine: null }
  | { status: "ready"; progress: Progress | null; error: null; engine: Engine }
  | { status: "failed"; progress: Progress | null; error: RagError; engine: null };

/** Asks an engine, and follows the answer. Of several questions the last one is answered; the others end. */
export function useAsk(engine: Engine | null): AnswerState;

export interface AnswerState {
  /**
   * Asks. Resolves when the answer has ended, also by a failure, which is in `error`. It needs an engine that is open.
   */
  ask: (question: string, options?: Omit<AskOptions, "signal">) => Promise<void>;
  /** Ends the answer; `reason` is `"aborted"` then. */
  stop: () => void;
  isRunning: boolean;
  /** The question that was asked last; null before. */
  question: string | null;
  /** All events, in order. What follows is from them. */
  events: AskEvent[];
  passages: Passage[];
  /** The answer that was computed from a table. */
  table: TableEvent | null;
  /** The answer in a few words. */
  answer: AnswerEvent | null;
  quotes: QuoteEvent[];
  images: ImageEvent[];
  /** What was written so far. */
  text: string;
  citations: CitationEvent[];
  unsupported: UnsupportedEvent[];
  /** Why the answer ended; null before. */
  reason: EndEvent["reason"] | null;
  error: RagError | null;
}
