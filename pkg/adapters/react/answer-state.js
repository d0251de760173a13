// What is known of an answer.

export const NOTHING_ASKED = {
  question: null,
  isRunning: false,
  events: [],
  passages: [],
  table: null,
  answer: null,
  quotes: [],
  images: [],
  text: "",
  citations: [],
  unsupported: [],
  reason: null,
  error: null,
};

/** The state after an event of `Engine.ask`. */
export function withEvent(state, event) {
  return { ...state, events: [...state.events, event], ...changeBy(state, event) };
}

function changeBy(state, event) {
  switch (event.type) {
    case "passages":
      return { passages: event.passages };
    case "table":
      return { table: event };
    case "answer":
      return { answer: event };
    case "quote":
      return { quotes: [...state.quotes, event] };
    case "image":
      return { images: [...state.images, event] };
    case "text":
      return { text: state.text + event.text };
    case "citation":
      return { citations: [...state.citations, event] };
    case "unsupported":
      return { unsupported: [...state.unsupported, event] };
    case "end":
      return { reason: event.reason };
    default:
      return {};
  }
}
