// What the engines are given to read. Both a text and its tokens are known beforehand, so that nobody gets more or
// fewer of them than the others.

/** Tokens of `prompt(…)` to SmolLM2's tokenizer; the run checks that every engine counts as many. */
export const PROMPT_TOKENS = 512;
const PROMPT_DAYS = 24;

/** One token each: a prompt that differs in its first token shares nothing with another that an engine could keep. */
const FIRST_WORDS = ["Hello", "Good", "Dear", "Note", "Please", "Today", "First", "Here", "Now", "This"];
const KEEPERS = ["Anna", "Bruno", "Clara", "David", "Emma", "Felix"];
const HOURS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** A log that a model goes on with in one way rather than another, so that engines can be held to the same text. */
function prompt(round, days = PROMPT_DAYS) {
  const lines = Array.from({ length: days }, (_, day) => {
    const [keeper, hour] = [KEEPERS[day % KEEPERS.length], HOURS[(day * 5) % HOURS.length]];
    return `Day ${day + 1}: the keeper ${keeper} lit ${(day % 7) + 2} lamps, and the ferry left at ${hour}.`;
  });
  const first = FIRST_WORDS[round % FIRST_WORDS.length];
  return [`${first}. What follows is the log of the harbour, one line for each day.`, ...lines].join("\n");
}

/** The prompt of a round for a model: as long as it asks for, and up to a beginning of the next line where one is needed. */
export const promptFor = ({ promptDays, promptEnd = "" }, round) => prompt(round, promptDays) + promptEnd;

/** Each of them one token to MiniLM's tokenizer, and most of them to others. */
const WORDS = (
  "the a of and in to was on by for with from at over under after before between harbour ferry river bridge village " +
  "church garden tower market winter summer morning evening water stone wood iron paper glass letter music painter " +
  "doctor farmer teacher captain soldier king queen child mother brother friend city island mountain forest field " +
  "road station train ship boat horse bird fish apple bread salt sugar silver gold book map clock lamp window door " +
  "roof wall floor kitchen table chair wrote built found lost carried opened closed crossed painted measured sold " +
  "bought moved remembered began ended old new small large dark bright cold warm quiet early late first second third " +
  "north south east west two three four five six seven eight nine ten hundred thousand years days hours"
).split(" ");

/** With fewer, texts would repeat themselves. */
const LEAST_WORDS = 100;
const MIXED_TEXTS = 64;
const MIXED_TOKENS = { least: 16, most: 256 };

/** Makes texts of a known number of tokens of a vocabulary: `{ texts, ids }`. */
export function textMaker({ idOf, begin, end }) {
  const known = WORDS.filter((word) => idOf(word) !== undefined);
  if (known.length < LEAST_WORDS) throw new Error(`only ${known.length} words are one token each`);
  const chance = new Chance(7);
  const make = (tokens) => {
    const length = tokens - begin.length - end.length;
    const words = Array.from({ length }, () => known[chance.below(known.length)]);
    return { text: words.join(" "), ids: [...begin, ...words.map(idOf), ...end] };
  };
  const list = (lengths) => {
    const made = lengths.map(make);
    return { texts: made.map(({ text }) => text), ids: made.map(({ ids }) => ids) };
  };
  return {
    same: (count, tokens) => list(Array(count).fill(tokens)),
    mixed: () => {
      const { least, most } = MIXED_TOKENS;
      return list(Array.from({ length: MIXED_TEXTS }, () => least + chance.below(most - least + 1)));
    },
  };
}

/** A function that makes a text of so many words, another one each time. */
export function words(seed) {
  const chance = new Chance(seed);
  return (count) => Array.from({ length: count }, () => WORDS[chance.below(WORDS.length)]).join(" ");
}

/** A document of about `bytes` bytes, different in every round. */
export function document(round, bytes) {
  const sentences = [];
  for (let length = 0, number = 0; length < bytes; number += 1) {
    const [keeper, hour] = [KEEPERS[(number + round) % KEEPERS.length], HOURS[(number * 7) % HOURS.length]];
    const ferry = `the ferry had left at ${hour}, with ${number} passengers and ${round + 2} dogs`;
    const sentence = `In year ${1000 + number * 3 + round} the keeper ${keeper} wrote that ${ferry}.`;
    sentences.push(sentence + (number % 6 === 5 ? "\n\n" : " "));
    length += sentence.length + 1;
  }
  return sentences.join("");
}

/** A small generator of numbers: the same texts each time. */
export class Chance {
  constructor(seed) {
    this.state = seed;
  }

  below(limit) {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}
