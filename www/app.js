import { Engine } from "./pkg/client.js";
import { AnswerModel } from "./parts/answer-model.js";
import { byId } from "./parts/dom.js";
import { keepPage, showOffline } from "./parts/offline.js";
import { Places } from "./parts/places.js";
import { ProgressBar } from "./parts/progress.js";
import { QuestionBox } from "./parts/question-box.js";
import { Samples } from "./parts/samples.js";
import { receiveFiles } from "./parts/shelf/files.js";
import { Shelf } from "./parts/shelf/shelf.js";
import { showStorage } from "./parts/storage.js";
import { Viewer } from "./parts/viewer/viewer.js";

const KNOWLEDGE_BASE = "ask-your-files";

let engine = null;
let answerModel = null;
let pageIsKept = false;
/** Whether this is the first visit, in which the search model is fetched. */
let firstVisit = false;

const places = new Places();
const viewer = new Viewer(places);
const questionBox = new QuestionBox({
  places,
  open: (span) => viewer.show(span),
  asked: () => {
    samples.fold();
    shelf.fold();
  },
  finished: () => {
    showStorage(engine);
    showOfflineState();
  },
});
const shelf = new Shelf({
  open: ({ id, name }) => viewer.show({ documentId: id, documentName: name }),
  changed: onShelfChanged,
});
const samples = new Samples({
  add: (files) => shelf.add(files),
  ask: (question) => questionBox.ask(question),
});

receiveFiles({ add: (files) => shelf.add(files), problem: (text) => shelf.problem(text) });
byId("open-again").addEventListener("click", open);
samples.load().catch(() => {}).then(() => shelf.report());
open();

/** Opens the knowledge base; the page can be used once this has resolved. */
async function open() {
  const opening = byId("opening");
  const progress = new ProgressBar("Opening");
  progress.say("Opening your documents");
  opening.replaceChildren(...progress.elements);
  byId("open-problem").hidden = true;
  // A bar that is shown for a moment only distracts.
  const slow = setTimeout(() => (opening.hidden = false), 150);
  try {
    engine = await Engine.open({
      name: KNOWLEDGE_BASE,
      onProgress: (report) => {
        progress.show(report, report.unit === "segments" ? "your documents" : "the search model");
        if (report.stage === "download" && !firstVisit) {
          firstVisit = true;
          shelf.report();
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
  answerModel = await AnswerModel.of(engine).catch(() => null);
  questionBox.use(engine, answerModel);
  await shelf.use(engine);
  // After the engine, which caches the search model: the page says that it works offline once both are there.
  pageIsKept = await keepPage();
  showOfflineState();
}

/** Shows what works without a network: answers do once the answer model is cached. */
async function showOfflineState() {
  if (pageIsKept) showOffline(answerModel === null || (await answerModel.isKept()));
}

function showOpenProblem(error) {
  byId("open-problem-text").textContent = error.message;
  byId("open-problem").hidden = false;
  byId("open-again").focus();
}

/** `documents` is null until the knowledge base is open. */
function onShelfChanged(documents, adding) {
  places.documents = documents ?? [];
  const empty = !documents?.length && adding === 0;
  const welcome = empty && (documents !== null || firstVisit);
  const focused = document.querySelector("#welcome :focus-visible, #samples :focus-visible");
  byId("welcome").hidden = !welcome;
  questionBox.shown = !empty && documents !== null;
  samples.show(documents ?? [], { offered: welcome });
  // The focused element is hidden now; the question box takes the focus.
  if (focused && !focused.checkVisibility()) questionBox.focus();
  if (engine) showStorage(engine);
}
