"""Claims that a passage supports or not, made by rules from questions, answers and sentences.

A claim is altered by one fact: a number, a name, who did what, a negation, a word of direction or of quantity. The rules
know English. What they write is plain, so sentences of people (SNLI) and questions of people (BoolQ) are read beside it.
"""

import json
import random
import re
from pathlib import Path

from questions import Corpus, Question, sentences

# A claim and its passage: (claim, evidence, whether it is supported).
Claim = tuple[str, str, bool]

# Words of which one turns a true sentence into a false one.
OPPOSITES = [
    ("before", "after"), ("first", "last"), ("north", "south"), ("northern", "southern"), ("east", "west"), ("eastern", "western"),
    ("increase", "decrease"), ("increased", "decreased"), ("increasing", "decreasing"), ("more", "fewer"), ("most", "least"),
    ("largest", "smallest"), ("larger", "smaller"), ("large", "small"), ("highest", "lowest"), ("higher", "lower"), ("high", "low"),
    ("early", "late"), ("earlier", "later"), ("above", "below"), ("all", "some"), ("always", "never"), ("many", "few"), ("often", "rarely"),
    ("million", "billion"), ("hundred", "thousand"), ("kilometres", "miles"), ("years", "months"), ("days", "weeks"), ("hours", "minutes"),
    ("started", "ended"), ("began", "ended"), ("won", "lost"), ("allowed", "forbidden"), ("with", "without"), ("inside", "outside"),
    ("old", "new"), ("rich", "poor"), ("strong", "weak"), ("male", "female"), ("public", "private"), ("maximum", "minimum"), ("over", "under"),
    ("cause", "prevent"), ("caused", "prevented"), ("supported", "opposed"), ("accepted", "rejected"), ("open", "closed"), ("left", "right"),
    ("top", "bottom"), ("both", "neither"), ("same", "different"), ("positive", "negative"), ("true", "false"), ("long", "short"),
    ("January", "June"), ("February", "September"), ("March", "October"), ("April", "November"), ("May", "August"), ("July", "December"),
    ("father", "son"), ("king", "queen"), ("parents", "children"), ("can", "cannot"), ("is", "is not"), ("was", "was not"), ("are", "are not"),
    ("were", "were not"), ("has", "has not"), ("have", "have not"), ("will", "will not"), ("does", "does not"), ("could", "could not"),
]
# Articles of SQuAD's development set, on which readers are measured. None of their text is read but that of ../shared/eval.
MEASURED_ARTICLES = {"Imperialism", "Black Death", "Amazon rainforest", "Jacksonville, Florida", "Newcastle upon Tyne"}
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty".split()
ALTERNATIVES = {word: other for a, b in OPPOSITES for word, other in ((a, b), (b, a))}
NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+(?: (?:of |de |the )?[A-Z][\w'’-]+)*")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# What may be left out without making a sentence false.
OMISSIBLE = [re.compile(r" \([^()]*\)"), re.compile(r"^(?:However|Moreover|In addition|Additionally|Furthermore|Also|Thus|Therefore|As a result), ")]
# "Who made the gates?": the answer takes the place of the first words.
SUBJECT = re.compile(r"^(?:Who|What|Which [a-z]+|What [a-z]+) (?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|have\b|had\b|can\b|could\b|will\b|would\b|type\b|kind\b)([a-z]+(?:s|ed)\b.*)\?$")
# "What is the capital?": the answer is put behind.
COPULA = re.compile(r"^(?:Who|What) (is|are|was|were) (.*)\?$")


def altered(sentence: str, names: list[str], rng: random.Random) -> str | None:
    """The sentence with one fact changed, or None where no rule fits."""
    rules = [another_number, another_name, swapped_names, opposite, opposite]
    rng.shuffle(rules)
    for rule in rules:
        changed = rule(sentence, names, rng)
        if changed is not None and changed != sentence:
            return changed
    return None


def near_misses(question: str, names: list[str], rng: random.Random) -> list[str]:
    """Questions like this one about something that its passage does not say, at most three."""
    found = []
    for rule in (opposite, another_name, another_number, opposite):
        changed = rule(question, names, rng)
        if changed is not None and changed != question and changed not in found:
            found.append(changed)
    return found[:3]


def another_number(sentence: str, _names: list[str], rng: random.Random) -> str | None:
    places = list(NUMBER.finditer(sentence))
    words = [match for match in re.finditer(r"[a-z]+", sentence) if match.group() in NUMBER_WORDS]
    if words and (not places or rng.random() < 0.3):
        place = rng.choice(words)
        return replaced(sentence, place, rng.choice([word for word in NUMBER_WORDS if word != place.group()]))
    if not places:
        return None
    place = rng.choice(places)
    digits = list(place.group())
    at = rng.choice([at for at, digit in enumerate(digits) if digit.isdigit()])
    digits[at] = rng.choice([digit for digit in "123456789" if digit != digits[at]])
    return replaced(sentence, place, "".join(digits))


def another_name(sentence: str, names: list[str], rng: random.Random) -> str | None:
    places = list(NAME.finditer(sentence))
    others = [name for name in names if name not in sentence]
    if not places or not others:
        return None
    return replaced(sentence, rng.choice(places), rng.choice(others))


def swapped_names(sentence: str, _names: list[str], rng: random.Random) -> str | None:
    places = list(NAME.finditer(sentence))
    pairs = [(a, b) for a in places for b in places if a.start() < b.start() and a.group() != b.group() and not re.fullmatch(r",?(?: and)? ", sentence[a.end() : b.start()])]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return sentence[: a.start()] + b.group() + sentence[a.end() : b.start()] + a.group() + sentence[b.end() :]


def opposite(sentence: str, _names: list[str], rng: random.Random) -> str | None:
    places = [match for match in re.finditer(r"[A-Za-z]+(?: not\b)?", sentence) if match.group() in ALTERNATIVES]
    if not places:
        return None
    place = rng.choice(places)
    return replaced(sentence, place, ALTERNATIVES[place.group()])


def replaced(sentence: str, place: re.Match, by: str) -> str:
    return sentence[: place.start()] + by + sentence[place.end() :]


def shortened(sentence: str) -> str:
    for part in OMISSIBLE:
        sentence = part.sub("", sentence)
    return sentence[0].upper() + sentence[1:]


def statement(question: str, answer: str) -> str:
    """What a question and its answer say: a sentence where the question's form is simple, else both."""
    if match := SUBJECT.match(question):
        return f"{answer[0].upper()}{answer[1:]} {match[1]}."
    if match := COPULA.match(question):
        return f"{match[2][0].upper()}{match[2][1:]} {match[1]} {answer}."
    return f"{question} {answer}"


def of_corpus(corpus: Corpus, numbers: list[int], rng: random.Random) -> list[Claim]:
    """Claims of questions with these numbers."""
    claims: list[Claim] = []
    by_passage: dict[int, list[Question]] = {}
    for number in numbers:
        question = corpus.questions[number]
        if question.answers:
            by_passage.setdefault(question.passage, []).append(question)
    for place, asked in by_passage.items():
        text = corpus.passages[place].text
        names = sorted({match.group() for match in NAME.finditer(text)})
        if corpus.passages[place].language == "en":
            claims += of_sentences(text, names, rng)
            others = [corpus.passages[number].text for question in asked for number in question.negatives[:1]]
            claims += of_other_passage(text, others, rng)
        claims += of_answers(text, asked, names, rng)
    return claims


def of_sentences(text: str, names: list[str], rng: random.Random) -> list[Claim]:
    claims: list[Claim] = []
    for start, end in sentences(text):
        sentence = text[start:end]
        if not 30 < len(sentence) < 400:
            continue
        claims.append((shortened(sentence), text, True))
        for _ in range(2):
            changed = altered(shortened(sentence), names, rng)
            if changed is not None:
                claims.append((changed, text, False))
    return claims


def of_other_passage(text: str, others: list[str], rng: random.Random) -> list[Claim]:
    places = [(other, place) for other in others for place in sentences(other) if 30 < place[1] - place[0] < 400]
    chosen = rng.sample(places, min(2, len(places)))
    return [(shortened(other[start:end]), text, False) for other, (start, end) in chosen]


def of_answers(text: str, asked: list[Question], names: list[str], rng: random.Random) -> list[Claim]:
    """A question's statement with its answer, and with another one."""
    claims: list[Claim] = []
    answers = [text[question.answers[0][0] : question.answers[0][1]] for question in asked]
    for question, answer in zip(asked, answers):
        claims.append((statement(question.text, answer), text, True))
        digits = NUMBER.search(answer)
        others = [other for other in answers + names if other.lower() not in answer.lower() and answer.lower() not in other.lower()]
        wrong = another_number(answer, [], rng) if digits and rng.random() < 0.6 else None
        if wrong is None and others:
            wrong = rng.choice(others)
        if wrong is not None:
            claims.append((statement(question.text, wrong), text, False))
        if (negated := opposite(statement(question.text, answer), [], rng)) and not negated.endswith("?"):
            claims.append((negated, text, False))
    return claims


def of_snli(path: Path) -> list[Claim]:
    """Sentences of people about captions: what does not follow is not supported."""
    claims = []
    with path.open() as file:
        for row in map(json.loads, file):
            if row["gold_label"] != "-":
                claims.append((row["sentence2"], row["sentence1"], row["gold_label"] == "entailment"))
    return claims


def of_boolq(path: Path) -> list[Claim]:
    """Each question with "yes" and with "no", of which one is right."""
    claims = []
    with path.open() as file:
        for row in map(json.loads, file):
            title, _, text = row["passage"].partition(" -- ")
            if title in MEASURED_ARTICLES:
                continue
            question = row["question"].rstrip("?") + "?"
            question = question[0].upper() + question[1:]
            claims.append((f"{question} Yes.", text, row["label"]))
            claims.append((f"{question} No.", text, not row["label"]))
    return claims


def of_people(path: Path) -> list[Claim]:
    passages = json.loads(path.read_text())["passages"]
    return [(claim["text"], passage["context"], claim["label"] == "supported") for passage in passages for claim in passage["claims"]]
