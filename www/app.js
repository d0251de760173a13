import { AnswerModels } from "./parts/answer-models.js";
import { byId, make } from "./parts/dom.js";
import { moveKnowledgeBase, openKnowledgeBase, subjectOf } from "./parts/knowledge-base.js";
import { ModelChoice } from "./parts/model-choice.js";
import { keepPage, showOffline } from "./parts/offline.js";
import { Places } from "./parts/places.js";
import { ProgressBar } from "./parts/progress.js";
import { QuestionBox } from "./parts/question-box.js";
import { Samples } from "./parts/samples.js";
import { fetchModelList, searchModelsOf } from "./parts/search-models.js";
import { followSettings, loadSettings, saveSettings } from "./parts/settings.js";
import { receiveFiles } from "./parts/shelf/files.js";
import { Shelf } from "./parts/shelf/shelf.js";
import { showStorage } from "./parts/storage.js";
import { Viewer } from "./parts/viewer/viewer.js";

/** Shown while the documents are indexed for another search model than before, such as after an update of the page. */
const INDEX_AGAIN = "Your documents were indexed for another search model. They are being indexed for this one, and nothing is lost. The page opens once that is done.";

let engine = null;
/** The search models that can be chosen, and the one in use. */
let searchModels = [];
let searchModel = null;
let answerModels = null;
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
const modelChoice = new ModelChoice({ change: changeModel });

receiveFiles({ add: (files) => shelf.add(files), problem: (text) => shelf.problem(text) });
byId("open-again").addEventListener("click", open);
byId("open-smaller").addEventListener("click", openWithSmallest);
followSettings(followOtherTab);
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
  let opened;
  try {
    const list = await fetchModelList();
    searchModels = searchModelsOf(list);
    answerModels = await AnswerModels.of(list);
    const { searchModel: role } = loadSettings();
    searchModel = searchModels.find((model) => model.role === role) ?? searchModels[0];
    opened = await openKnowledgeBase(searchModel, {
      onIndexAgain: () => {
        opening.prepend(make("p", {}, INDEX_AGAIN));
        // There are documents, although a model was fetched.
        firstVisit = false;
        shelf.report();
      },
      onProgress: (report) => {
        progress.show(report, subjectOf(report));
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
  await use(opened);
  // After the engine, which caches the search model: the page says that it works offline once both are there.
  pageIsKept = await keepPage();
  showOfflineState();
}

/** Has every part of the page use an engine. */
async function use(opened) {
  engine = opened;
  viewer.use(engine);
  await answerModels.use(engine);
  questionBox.use(engine, answerModels);
  modelChoice.use(searchModels, searchModel);
  await shelf.use(engine, searchModel);
}

/** Indexes all documents for another search model. They can be read and asked meanwhile, with the engine from before. */
async function changeModel(model, options) {
  const before = engine;
  shelf.pause();
  let moved;
  try {
    moved = await moveKnowledgeBase(before, model, options);
  } catch (error) {
    await shelf.use(before, searchModel);
    throw error;
  }
  searchModel = model;
  // Not earlier: other tabs follow now, and a reload amid the change finds everything as it was.
  saveSettings({ searchModel: model.role });
  questionBox.answered.then(() => before.close());
  await use(moved);
}

/** Opens the knowledge base again where another tab changed its search model. */
async function followOtherTab(settings) {
  questionBox.followSettings();
  if (!engine || modelChoice.isChanging || settings.searchModel === searchModel.role) return;
  questionBox.stop();
  shelf.pause();
  questionBox.use(null, null);
  const before = engine;
  engine = null;
  await before.close();
  await open();
}

/** Shows what works without a network: answers do once the answer model is cached. */
async function showOfflineState() {
  if (pageIsKept) showOffline(await answerModels.isKept());
}

function showOpenProblem(error) {
  byId("open-problem-text").textContent = error.message;
  byId("open-problem").hidden = false;
  byId("open-smaller").hidden = searchModel === null || searchModel === searchModels[0];
  byId("open-again").focus();
}

/** The way out where the larger model cannot be fetched, or needs more memory than there is. */
function openWithSmallest() {
  saveSettings({ searchModel: searchModels[0].role });
  open();
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
  modelChoice.show(documents ?? [], adding > 0);
  // The focused element is hidden now; the question box takes the focus.
  if (focused && !focused.checkVisibility()) questionBox.focus();
  if (engine) showStorage(engine);
}
