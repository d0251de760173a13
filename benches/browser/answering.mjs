// Answering without a generator: the whole of `ask`, from the question to its end, among as many paragraphs as a small
// library has. What is answered is compared with the known answers.

import { basename } from "node:path";
import { check, median, nameOf, withContestants } from "./contestants.mjs";
import { isSupported } from "./page/our-options.js";
import { rowsOf } from "./rows.mjs";

/** Of the questions, the share whose answer must be in a quote. */
const LEAST_SHARE = 0.75;

/** `files`: `{ embedder, answerReader }`; `paragraphs`: texts; `questions`: `{ question, answers }`, each with a known answer. */
export async function compareAnswering(run, { files, paragraphs, questions }) {
  const rows = [];
  for (const build of run.builds.filter((build) => isSupported({ build }))) {
    const settings = { engine: "ours", build, kind: "openAnswers", model: `/models/${basename(files.embedder)}` };
    const list = [{ ...settings, answerReader: `/models/${basename(files.answerReader)}` }];
    const work = ([contestant]) => measure(run, contestant, paragraphs, questions);
    const taken = await withContestants(run.browser, run.site.plain, list, work);
    const row = (what, list) => {
      const rates = list.map((ms) => 1000 / ms);
      return rowsOf({ what, threads: 1, unit: "answers/s", limit: null, ours: [{ settings, rates }], peers: [] });
    };
    const among = `among ${paragraphs.length} paragraphs`;
    rows.push(...row(`answering ${among}`, taken.map(({ ms }) => ms)));
    rows.push(...row(`the first quote of an answer ${among}`, taken.map(({ quoteMs }) => quoteMs)));
  }
  return rows;
}

async function measure(run, contestant, paragraphs, questions) {
  await contestant.add({ texts: paragraphs });
  // The browser compiles the module while the first ones are answered.
  for (const { question } of questions.slice(0, run.warmUps)) await contestant.ask({ question });
  const taken = [];
  for (const { question, answers } of questions.slice(run.warmUps)) {
    const asked = await contestant.ask({ question });
    taken.push({ ...asked, isRight: answers.some((answer) => asked.quotes.some((quote) => quote.includes(answer))) });
  }
  const share = taken.filter(({ isRight }) => isRight).length / taken.length;
  const name = nameOf(contestant.settings);
  const stages = ["embedMs", "searchMs", "readMs", "quoteMs"].map((stage) => {
    const times = taken.map(({ stages }) => stages[stage]).filter((ms) => ms !== undefined);
    return `${stage.replace("Ms", "")} ${median(times).toFixed(0)} ms`;
  });
  run.say(`answering, ${name}: ${stages.join(", ")}`);
  run.say(`answering, ${name}: ${median(taken.map(({ ms }) => ms)).toFixed(0)} ms, ${(100 * share).toFixed(0)} % of ${taken.length} questions quoted right`);
  check(share >= LEAST_SHARE, `${name} quotes the answer of ${share.toFixed(2)} of the questions`);
  // A question that is not answered has no quote to wait for.
  return taken.filter(({ quoteMs }) => quoteMs !== null);
}

/**
 * The paragraphs and questions of a file in SQuAD's format: at most `count` questions, spread over the file, of one paragraph
 * each. `filler(number)` makes paragraphs up to `least`.
 */
export function answeringSet({ data }, { count, least, filler }) {
  const all = data.flatMap((article) => article.paragraphs);
  const asked = all.filter(({ qas }) => qas.some(({ answers }) => answers.length > 0));
  const step = Math.max(1, asked.length / count);
  const chosen = asked.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const questions = chosen.slice(0, count).map(({ qas }) => {
    const { question, answers } = qas.find(({ answers }) => answers.length > 0);
    return { question, answers: answers.map(({ text }) => text) };
  });
  const paragraphs = all.map(({ context }) => context);
  while (paragraphs.length < least) paragraphs.push(filler(paragraphs.length));
  return { paragraphs, questions };
}
