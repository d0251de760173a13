// An engine for tests of what is shown: it answers as it is told, by the question's first word.

const TEXTS = {
  guide: "Install the mill with one command. It needs 200 MB of disk space. Updates are installed at night, unless you turn them off.\n\nThe mill grinds at high tide.",
  hours: "The office is open from nine to five.\n\nOn Fridays it closes at three.",
  yields: "year,month,kg\n2023,May,420\n2023,June,510\n2023,July,480",
  manual: "The wheel turns at eleven rounds a minute.",
};

const DOCUMENTS = [
  { id: "guide", name: "guide/install.md", type: "text/markdown", language: "en", metadata: { url: "guide/install.html" } },
  { id: "hours", name: "hours.txt", type: "text/plain", language: "en", metadata: {} },
  { id: "yields", name: "yields.csv", type: "text/csv", metadata: { url: "javascript:alert(1)" } },
  { id: "manual", name: "manual.pdf", type: "application/pdf", metadata: { url: "https://files.example/manual.pdf" } },
];

const PLACES = { hours: { lines: [3, 3] }, manual: { page: 12 }, guide: { section: "Setting up" } };

function cite(documentId, text, headings = "") {
  const start = TEXTS[documentId].indexOf(text);
  const documentName = DOCUMENTS.find(({ id }) => id === documentId).name;
  return { number: 1, documentId, documentName, chunkId: "c", start, end: start + text.length, text, headings, place: PLACES[documentId] };
}

const quote = (citation) => ({ type: "quote", text: citation.text, citation });
const space = cite("guide", "It needs 200 MB of disk space.", "Install > Needs");
const friday = cite("hours", "On Fridays it closes at three.");
const wheel = cite("manual", "The wheel turns at eleven rounds a minute.");

const QUOTES = [
  { type: "passages", passages: [space, friday, wheel] },
  { type: "answer", text: "200 MB", confidence: 0.9, citation: { ...cite("guide", "200 MB"), headings: "" } },
  quote(space),
  quote(friday),
  quote(wheel),
];

const cell = { table: "yields", row: 1, column: "kg", documentId: "yields", documentName: "yields.csv", start: 38, end: 41, text: "510", place: { rows: [2, 2] } };
const TABLE = {
  type: "table",
  text: "The months with the most kg are June (510), July (480) and May (420).",
  explanation: "month and kg of all 3 rows, largest kg first",
  sql: 'SELECT "month", "kg" FROM "yields" ORDER BY "kg" DESC',
  confidence: 0.8,
  table: { name: "yields", documentId: "yields", documentName: "yields.csv", title: "", columns: [], rows: 3 },
  columns: ["month", "kg"],
  rows: [["June", 510], ["July", 480], ["May", 420]],
  sourceRows: [0, 1, 2],
  citations: [cell],
};

const SENTENCES = ["The mill needs 200 MB of disk space. ", "… ", "It closes at three on Fridays."];
const WRITTEN = [
  ...SENTENCES.slice(0, 1).map((text) => ({ type: "text", text })),
  { type: "citation", citation: space, textStart: 0, textEnd: 37 },
  { type: "text", text: SENTENCES[1] },
  { type: "unsupported", text: "It was built in 1790. ", textStart: 37, textEnd: 39 },
  { type: "text", text: SENTENCES[2] },
  { type: "citation", citation: friday, textStart: 39, textEnd: 69 },
  { type: "citation", citation: cite("guide", "The mill grinds at high tide."), textStart: 39, textEnd: 69 },
];

const end = (reason) => ({ type: "end", reason, timings: {} });

const ANSWERS = {
  quotes: [...QUOTES, end("no_generator")],
  written: [...QUOTES, ...WRITTEN, end("stop")],
  table: [{ type: "passages", passages: [] }, TABLE, end("no_generator")],
  nothing: [{ type: "passages", passages: [friday] }, end("no_answer")],
  corrected: [{ type: "passages", passages: [space] }, { type: "corrections", corrections: [{ from: "dsik", to: "disk" }] }, quote(space), end("no_generator")],
  long: [
    { type: "passages", passages: [friday] },
    quote({ ...friday, text: "Grain".repeat(60), documentName: `${"name".repeat(40)}.txt`, headings: "Heading".repeat(30) }),
    { type: "text", text: "Word".repeat(80) },
    { type: "citation", citation: friday, textStart: 0, textEnd: 320 },
    end("length"),
  ],
  markup: [
    { type: "passages", passages: [friday] },
    quote({ ...friday, text: "<img src=x onerror=alert(1)>", documentName: "<b>x</b>" }),
    { type: "text", text: "<script>alert(1)</script>" },
    end("stop"),
  ],
};

/** A small picture, as the engine gives it. */
async function pictureOf(citation) {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d").fillRect(5, 5, 20, 20);
  const jpeg = await canvas.convertToBlob({ type: "image/jpeg" });
  return { type: "image", citation, caption: "", thumbnail: new Uint8Array(await jpeg.arrayBuffer()), width: 400, height: 300 };
}

/** An engine. `asked` has the options of each question, `closed` whether it was closed. */
export function fakeEngine({ fail } = {}) {
  const engine = {
    asked: [],
    closed: false,
    documents: async () => DOCUMENTS,
    text: async (id) => TEXTS[id],
    close: async () => void (engine.closed = true),
    async *ask(question, options) {
      engine.asked.push({ question, ...options });
      if (question.startsWith("fail")) throw Object.assign(new Error("The engine broke. Try again."), { code: fail ?? "internal" });
      if (question.startsWith("wait")) {
        options.onProgress({ stage: "download", done: 12e6, total: 98e6, unit: "bytes" });
        await new Promise((resolve) => options.signal.addEventListener("abort", resolve, { once: true }));
        return void (yield end("aborted"));
      }
      if (question.startsWith("picture")) yield* [quote(wheel), await pictureOf(wheel), end("no_generator")];
      else for (const event of ANSWERS[/^\w*/.exec(question)[0]]) yield event;
    },
  };
  return engine;
}
