import { Agents } from "./parts/agents.js";
import { AnswerModels } from "./parts/answer-models.js";
import { byId, make } from "./parts/dom.js";
import { moveKnowledgeBase, openKnowledgeBase, subjectOf } from "./parts/knowledge-base.js";
import { KnowledgeBases } from "./parts/knowledge-bases.js";
import { ModelChoice } from "./parts/model-choice.js";
import { keepPage, showOffline } from "./parts/offline.js";
import { Places } from "./parts/places.js";
import { ProgressBar } from "./parts/progress.js";
import { QuestionBox } from "./parts/question-box.js";
import { Samples } from "./parts/samples.js";
import { fetchModelList, searchModelsOf } from "./parts/search-models.js";
import { bindSettings } from "./parts/settings-dialog.js";
import { followSettings, loadSettings, saveSettings } from "./parts/settings.js";
import { offerInstall, takeShared } from "./parts/shared.js";
import { receiveFiles } from "./parts/shelf/files.js";
import { Shelf } from "./parts/shelf/shelf.js";
import { bindShortcuts } from "./parts/shortcuts.js";
import { showStorage } from "./parts/storage.js";
import { SqlBox } from "./parts/tables/sql-box.js";
import { errorText, t, translatePage } from "./parts/texts/texts.js";
import { copyTurn, saveTurn } from "./parts/turn-actions.js";
import { Viewer } from "./parts/viewer/viewer.js";

translatePage();
// Nothing in sight needs them: they do not delay the first paint.
for (const styles of document.querySelectorAll(".later")) styles.media = "all";

let engine = null;
/** The search models that can be chosen, and the one in use. */
let searchModels = [];
let searchModel = null;
let answerModels = null;
let pageIsKept = false;
/** Whether all was deleted: nothing is opened any more. */
let isEnded = false;
/** Whether this is the first visit, in which the search model is fetched. */
let firstVisit = false;

const places = new Places();
const viewer = new Viewer(places);
const sqlBox = new SqlBox({ places, open: (span) => viewer.show(span) });
const questionBox = new QuestionBox({
  places,
  open: (span) => viewer.show(span),
  openQuery: (sql) => sqlBox.show(sql),
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
const knowledgeBases = new KnowledgeBases({ switchTo: reopen });
const agents = new Agents();

receiveFiles({ add: (files) => shelf.add(files), problem: (text) => shelf.problem(text) });
byId("open-again").addEventListener("click", open);
byId("open-smaller").addEventListener("click", openWithSmallest);
followSettings(followOtherTab);
bindSettings({ end, changed: () => engine && showStorage(engine) });
offerInstall(byId("install"));
const withNewest = (act) => () => questionBox.newest && act(questionBox.newest, places);
bindShortcuts([
  { keys: "/", what: t("shortcut.question"), act: () => questionBox.focus() },
  { keys: "c", what: t("shortcut.copy"), act: withNewest(copyTurn) },
  { keys: "s", what: t("shortcut.save"), act: withNewest(saveTurn) },
]);
samples.load().catch(() => {}).then(() => shelf.report());
open();

/** Opens the knowledge base; the page can be used once this has resolved. */
async function open() {
  const opening = byId("opening");
  const progress = new ProgressBar(t("opening.label"));
  progress.say(t("opening.documents"));
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
    opened = await openKnowledgeBase(knowledgeBases.current, searchModel, {
      onIndexAgain: () => {
        opening.prepend(make("p", {}, t("opening.indexAgain")));
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
  if (isEnded) return opened.close();
  await use(opened);
  await questionBox.show(knowledgeBases.current);
  const shared = await takeShared();
  if (shared.length > 0) shelf.add(shared);
  // After the engine, which caches the search model: the page says that it works offline once both are there.
  pageIsKept = await keepPage();
  showOfflineState();
}

/** Has every part of the page use an engine. */
async function use(opened) {
  engine = opened;
  viewer.use(engine);
  sqlBox.use(engine);
  await answerModels.use(engine);
  questionBox.use(engine, answerModels);
  modelChoice.use(searchModels, searchModel);
  await shelf.use(engine, searchModel);
  agents.use(engine);
}

/** Indexes all documents for another search model. They can be read and asked meanwhile, with the engine from before. */
async function changeModel(model, options) {
  const before = engine;
  shelf.pause();
  let moved;
  try {
    moved = await moveKnowledgeBase(before, knowledgeBases.current, model, options);
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

/** Opens the knowledge base again where another tab changed its search model, or another one where it deleted this one. */
async function followOtherTab(settings) {
  if (isEnded) return;
  questionBox.followSettings();
  knowledgeBases.follow();
  agents.follow();
  if (!engine || modelChoice.isChanging || settings.searchModel === searchModel.role) return;
  await reopen();
}

/** Opens the engine of the knowledge base and search model that are chosen now. Files that wait stay in the queue. */
async function reopen() {
  await close();
  await open();
}

/** Stops all work for good. */
async function end() {
  isEnded = true;
  await close();
}

/** Stops all work, and closes the engine. */
async function close() {
  agents.use(null);
  questionBox.stop();
  shelf.pause();
  questionBox.use(null, null);
  sqlBox.use(null);
  const before = engine;
  engine = null;
  await before?.close();
}

/** Shows what works without a network: answers do once the answer model is cached. */
async function showOfflineState() {
  if (pageIsKept) showOffline(await answerModels.isKept());
}

function showOpenProblem(error) {
  byId("open-problem-text").textContent = errorText(error);
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
  // The tables of a document are read when they are first listed: not while others are added.
  if (adding === 0) sqlBox.change(documents ?? []);
  // The focused element is hidden now; the question box takes the focus.
  if (focused && !focused.checkVisibility()) questionBox.focus();
  if (engine) showStorage(engine);
}
