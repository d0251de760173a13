import { Engine } from "./pkg/client.js";
import { AnswerModel } from "./parts/answer-model.js";
import { Asking } from "./parts/asking.js";
import { Documents } from "./parts/documents.js";
import { byId } from "./parts/dom.js";
import { receiveFiles } from "./parts/files.js";
import { keepPage, showOffline } from "./parts/offline.js";
import { ProgressBar } from "./parts/progress.js";
import { Samples } from "./parts/samples.js";
import { showStorage } from "./parts/storage.js";
import { Viewer } from "./parts/viewer.js";

const KNOWLEDGE_BASE = "ask-your-files";

let engine = null;
let answerModel = null;
let pageIsKept = false;
/** Whether the search model is being fetched, which only a first visit does. */
let firstVisit = false;

const viewer = new Viewer();
const asking = new Asking({
  open: (span) => viewer.show(span),
  asked: () => {
    samples.fold();
    shelf.fold();
  },
  finished: () => {
    showStorage(engine);
    tellOffline();
  },
});
const shelf = new Documents({
  open: ({ id, name }) => viewer.show({ documentId: id, documentName: name }),
  changed: onShelfChanged,
});
const samples = new Samples({
  add: (files) => shelf.add(files),
  ask: (question) => asking.ask(question),
});

receiveFiles({ add: (files) => shelf.add(files), problem: (text) => shelf.problem(text) });
byId("open-again").addEventListener("click", open);
samples.load().catch(() => {}).then(() => shelf.tell());
open();

/** Opens the knowledge base; the page is of use once this is through. */
async function open() {
  const opening = byId("opening");
  const progress = new ProgressBar("Opening");
  progress.say("Opening your documents");
  opening.replaceChildren(...progress.elements);
  byId("open-problem").hidden = true;
  // A bar that comes and goes within a blink is noise.
  const slow = setTimeout(() => (opening.hidden = false), 150);
  try {
    engine = await Engine.open({
      name: KNOWLEDGE_BASE,
      onProgress: (report) => {
        progress.show(report, report.unit === "segments" ? "your documents" : "the search model");
        if (report.stage === "download" && !firstVisit) {
          firstVisit = true;
          shelf.tell();
        }
      },
    });
  } catch (error) {
    showOpenProblem(error);
    return;
  } finally {
    clearTimeout(slow);
    opening.hidden = true;
  }
  viewer.use(engine);
  answerModel = await AnswerModel.find();
  asking.use(engine, answerModel);
  await shelf.use(engine);
  // After the engine, which keeps the search model, so that both are here when the page says so.
  pageIsKept = await keepPage();
  tellOffline();
}

/** Says what works without a network: more, once the answer model is kept too. */
async function tellOffline() {
  if (pageIsKept) showOffline(answerModel === null || (await answerModel.isKept()));
}

function showOpenProblem(error) {
  byId("open-problem-text").textContent = error.message;
  byId("open-problem").hidden = false;
  byId("open-again").focus();
}

/** `documents` is null while the knowledge base has not been asked yet. */
function onShelfChanged(documents, adding) {
  const empty = !documents?.length && adding === 0;
  const welcome = empty && (documents !== null || firstVisit);
  const focused = document.querySelector("#welcome :focus-visible, #samples :focus-visible");
  byId("welcome").hidden = !welcome;
  asking.shown = !empty && documents !== null;
  samples.show(documents ?? [], { offered: welcome });
  // What the keyboard was on has given way to the question box.
  if (focused && !focused.checkVisibility()) asking.focus();
  if (engine) showStorage(engine);
}
