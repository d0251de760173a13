"""Claims about passages, made by rules: supported, altered by one fact, or about another passage.

A supported claim is a question and its answer turned into a statement, or a sentence of the passage shortened. An altered
one has one number, date, name or place replaced by another of its article, or a negation more or less. One of another
passage is held against the passage of the article that is most alike. Only forms whose English comes out right are used.

Writes claims-tune.json and claims-made.json, in the layout of tests/fixtures/claims.json.
"""

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = "Passages: SQuAD 1.1 development set, Rajpurkar et al. 2016 (paragraphs from Wikipedia). Claims: made by rules from its questions, answers and sentences."
# Files, and the places of their articles in the order of titles, modulo 4: those "tune", and those "reported".
SPLITS = {"claims-tune.json": 1, "claims-made.json": 3}
# Claims of a passage, and of a file.
MOST_OF_PASSAGE = {"supported": 3, "altered": 3, "other": 2}
MOST_OF_FILE = {"supported": 120, "altered": 120, "other": 60}
# Claims with a negation more or less.
MOST_NEGATED = 18
MONTHS = "January February March April May June July August September October November December".split()
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty".split()
BE = "is|are|was|were"
YEAR = r"(?:1[0-9]{3}|20[0-2][0-9])"
MONTH = "(?:" + "|".join(MONTHS) + ")"
DATE = re.compile(rf"\b(?:{MONTH} \d{{1,2}}, {YEAR}|\d{{1,2}} {MONTH} {YEAR}|{MONTH} {YEAR}|{MONTH} \d{{1,2}}|{YEAR})\b(?!s|[–-]\d)")
NUMBER = re.compile(r"(?<![\w.,$£€–-])\d[\d,]*(?:\.\d+)?(?![\w–-])|\b(?:" + "|".join(NUMBER_WORDS) + r")\b(?!-)")
WORD_OF_NAME = r"[A-Z]\w+(?:['’](?!s\b)\w+)*"
NAME = re.compile(rf"\b{WORD_OF_NAME}(?:[ -](?:of |de |the )?{WORD_OF_NAME})*")
PLACE_BEFORE = re.compile(r"\b(?:in|near|at|from|to) (?:the )?$")
# Words with capitals that name no one thing, so that another name cannot stand for them.
NO_NAME = re.compile(rf"^(?:{MONTH}|The|A|An|In|On|At|By|For|It|He|She|They|Its|His|This|That|These|After|Before|During|When|While|As|Most|Many|Some|Other|Both|All|Dr|Mr|St|I|[A-Z][a-z]+(?:ish|ese|ans?|ic|ch|ists?|ants?|ols?)|God|De|New|North|South|East|West)$")
IRREGULAR = dict(
    pair.split(":")
    for pair in "begin:began become:became win:won lose:lost build:built make:made take:took give:gave find:found come:came go:went have:had "
    "leave:left hold:held run:ran sell:sold buy:bought write:wrote lead:led fall:fell rise:rose die:died see:saw get:got say:said tell:told "
    "send:sent choose:chose speak:spoke meet:met break:broke drive:drove bring:brought fight:fought grow:grew know:knew pay:paid set:set "
    "put:put cut:cut let:let shut:shut think:thought flee:fled do:did".split()
)
PARTICIPLES = (
    "built made given found held sold bought written led known chosen sent brought fought taken won lost born begun become set put cut seen "
    "driven broken shown worn spoken kept left told paid grown thrown drawn"
).split()
PRONOUN_START = re.compile(r"^(?:The (?:last|first|second|third|two|oldest|same|result|rest|most)|It|He|She|They|We|You|I|This|That|These|Those|There|Its|His|Her|Their|Such|Another|Other|Here|But|And|Or|So|Also|Both|One|Some|Many|Thus|Later|Then|Who|What|Which)\b")
VAGUE = re.compile(r"\b(?:this|that|these|those|such|it|he|she|they|his|her|its|their|following|same|above|latter|former|other)\b", re.IGNORECASE)


@dataclass
class Passage:
    title: str
    text: str
    qas: list[dict]
    claims: list[dict] = field(default_factory=list)

    def sentences(self) -> list[str]:
        return [part.strip() for part in re.split(r"(?<=[a-z0-9)”\"][.!?])(?<!St\.)(?<!Dr\.)(?<!Mr\.)\s+(?=[\"'(“‘]?[A-Z0-9])", self.text)]


@dataclass
class Article:
    passages: list[Passage]
    # Of each kind, what may replace another of it.
    facts: dict[str, list[str]]
    # The words before each name; "" at the beginning of a sentence.
    contexts: dict[str, set[str]]


def articles(path: Path, place: int) -> Iterator[Article]:
    data = sorted(json.loads(path.read_text())["data"], key=lambda article: article["title"])
    for article in data[place::4]:
        passages = [Passage(article["title"], paragraph["context"], paragraph["qas"]) for paragraph in article["paragraphs"]]
        yield Article(passages, facts(passages), contexts(passages))


def contexts(passages: list[Passage]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for passage in passages:
        for match in NAME.finditer(passage.text):
            found[match.group()].add(word_before(passage.text, match.start()))
    return found


def word_before(text: str, at: int) -> str:
    match = re.search(r"(\w+) $", text[:at])
    return match.group(1).lower() if match else ""


def facts(passages: list[Passage]) -> dict[str, list[str]]:
    """Dates, numbers, places and names of an article, places being names that mostly stand behind "in"."""
    found: dict[str, set[str]] = defaultdict(set)
    seen, places = Counter(), Counter()
    for passage in passages:
        found["date"] |= {match.group() for match in DATE.finditer(passage.text)}
        rest = DATE.sub("·", passage.text)
        found["number"] |= {match.group() for match in NUMBER.finditer(rest)}
        for match in names(rest):
            seen[match.group()] += 1
            places[match.group()] += bool(PLACE_BEFORE.search(rest[: match.start()]))
    for name, count in seen.items():
        found["place" if places[name] * 2 > count else "name"].add(name)
    return {kind: sorted(values) for kind, values in found.items()}


def names(text: str) -> Iterator[re.Match]:
    """Names, but for those that begin a sentence."""
    for match in NAME.finditer(text):
        begins = match.start() == 0 or re.search(r"[.!?:;\"“(] *$", text[: match.start()])
        if not begins and not any(NO_NAME.match(word) for word in match.group().split()):
            yield match


# Statements of questions and answers.


def statement(question: str, answer: str) -> str | None:
    """The question with its answer as a statement, where a rule fits."""
    question = re.sub(r"\s+", " ", question).strip()
    answer = re.sub(r"\s+", " ", answer).strip(" .,\"“”")
    if not question.endswith("?") or not answer or len(answer.split()) > 7 or VAGUE.search(question):
        return None
    for rule in (subject, copula, passive_when, active_when, how_many, passive_where, active_what):
        made = rule(question[:-1].strip(), answer)
        if made:
            return capitalized(re.sub(r"\s+", " ", made).strip(" ,")) + "."
    return None


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """A phrase that stood at the beginning of a sentence, within one."""
    return re.sub(r"^(?:The|A|An)\b", lambda match: match.group().lower(), text)


def subject(question: str, answer: str) -> str | None:
    """"Who made the gates?": the answer takes the place of the first words."""
    match = re.match(r"^Who ([a-z]{3,}ed|began|built|led|made|won|wrote|gave|took|became|founded|owns|plays|played|sang|held|ran|sold|bought|ordered|designed) (.+)$", question)
    match = match or re.match(rf"^(?:What|Which) (?:[a-z]+ )?((?:{BE}|has|had) [a-z]+ed|[a-z]{{3,}}ed|owns|owned|became|won|built|ran) (.+)$", question)
    if not match or question.count(",") or match.group(1) in ("used", "based", "named", "called", "considered", "located"):
        return None
    if re.match(r"(?:is|was|has) ", match.group(1)) and re.search(r"[^s]s$", answer):
        return None
    return f"{answer} {match.group(1)} {match.group(2)}"


def copula(question: str, answer: str) -> str | None:
    """"What was the name of the bridge?": the answer is put behind."""
    match = re.match(rf"^(?:What|Who) ({BE}) (the (?:(?!{BE}|did|that|who)[\w'’-]+ ?){{2,9}})$", question)
    if not match or re.search(r"\w\w(?:ed|ing)\b|\b(?:to|subject|percentage|result|comparison)\b|(?:for|of|in|by|as|with|from|on|at present)$", match.group(2).strip()):
        return None
    if not re.match(r"(?:the |an? |[£$])?[A-Z£$\d]|(?:the|an?) ", answer) or (match.group(1) in ("is", "was") and re.search(r" and |[a-z]ls$", answer)):
        return None
    return f"{match.group(2).strip()} {match.group(1)} {lowered(answer)}"


def moment(answer: str) -> str | None:
    """A date with its preposition."""
    if re.fullmatch(rf"{YEAR}|{MONTH} {YEAR}", answer):
        return f"in {answer}"
    if re.fullmatch(rf"{MONTH} \d{{1,2}}(?:, {YEAR})?|\d{{1,2}} {MONTH}(?: {YEAR})?", answer):
        return f"on {answer}"
    return answer if re.fullmatch(rf"(?:in|on) .*{YEAR}", answer) else None


WHEN = r"(?:When|In what year|In which year|What year|On what date|In what month)"


def passive_when(question: str, answer: str) -> str | None:
    """"When was the mill built?"."""
    when = moment(answer)
    match = re.match(rf"^{WHEN} ({BE}) (.+?) ((?:first |last |finally |originally )?(?:[a-z]{{2,}}ed|{'|'.join(PARTICIPLES)}))\b(.*)$", question)
    if not match or not when or re.search(r"\b(?:by|in|on)$", match.group(4)):
        return None
    return f"{lowered(match.group(2))} {match.group(1)} {match.group(3)}{match.group(4)} {when}"


def past(verb: str) -> str:
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return verb + ("ped" if verb.endswith("op") and verb != "develop" else "ed")


VERBS = "begin|become|win|lose|build|take|leave|hold|sell|buy|write|lead|die|return|start|end|open|close|launch|join|move|arrive|reach|invade|conquer|adopt|establish|found|create|acquire|announce|release|purchase|introduce|air|premiere|debut|merge|sign|publish|declare|appoint|defeat|marry|stop|happen|occur|take place|come|use|receive|produce|develop|divide|compare|attack|capture|destroy|enter|offer|abolish|discover|pass|agree|refuse|replace|add|regain|gain|serve|study|settle|rule|cover|celebrate|host"


def active_when(question: str, answer: str) -> str | None:
    """"When did the mill open?"."""
    when = moment(answer)
    match = re.match(rf"^{WHEN} did (.+?) ({VERBS})\b(.*)$", question)
    if not match or not when or "," in question or re.search(r"\b(?:in|on|by)$", match.group(3)):
        return None
    verb, *rest = match.group(2).split()
    return f"{lowered(match.group(1))} {past(verb)} {' '.join(rest)}{match.group(3)} {when}"


def how_many(question: str, answer: str) -> str | None:
    """"How many people live there?"."""
    match = re.match(rf"^How many ([a-z]+(?: [a-z]+)?(?: of [A-Za-z ]+?)?) (are there|were there|{BE}|have|had|live|lived|died|attended|make up|took|work|[a-z]{{3,}}ed) ?(.*)$", question)
    number = re.fullmatch(r"(?:(?:about|over|approximately|around|nearly|more than|almost) )?(?:\d[\d,.]*|[a-z]+(?:-[a-z]+)?)(?: million| billion| hundred| thousand)?", answer)
    if not match or not number or not NUMBER.search(answer):
        return None
    noun, verb, rest = match.groups()
    if verb.endswith("there") or re.fullmatch(BE, verb):
        plain = re.match(r"(?:in|on|at) ", rest) or verb.endswith("there")
        return f"There {verb.split()[0]} {answer} {noun} {rest}" if plain else f"{answer} {noun} {verb} {rest}" if re.match(r"[a-z]+ed\b", rest) else None
    return f"{answer} {noun} {verb} {rest}" if rest and not re.search(r"\b(?:did|do|does)\b", rest) else None


def passive_where(question: str, answer: str) -> str | None:
    """"Where was the king born?"."""
    match = re.match(rf"^Where ({BE}) (.+?) ([a-z]{{3,}}ed|{'|'.join(PARTICIPLES)})$", question)
    if not match:
        return None
    where = answer if re.match(r"(?:in|at|on|near) ", answer) else f"in {answer}" if answer[0].isupper() else None
    return where and f"{lowered(match.group(2))} {match.group(1)} {match.group(3)} {where}"


def active_what(question: str, answer: str) -> str | None:
    """"What did the king order?"."""
    match = re.match(rf"^(?:What|Who|Which [a-z]+|What [a-z]+) did (.+?) ({VERBS})$", question)
    if not match or " " in match.group(2) or re.match(r"(?:to|for|because|by|in) ", answer):
        return None
    return f"{lowered(match.group(1))} {past(match.group(2))} {lowered(answer)}"


# Sentences shortened.

DROPPED = [
    (re.compile(r" ?\([^()]*\)"), ""),
    (re.compile(r"\[[^\]]*\]"), ""),
    (re.compile(r"^(?:However|Moreover|In addition|Additionally|Furthermore|Also|Thus|Therefore|As a result|For example|For instance|In fact|Finally|Instead), "), ""),
    (re.compile(r",? (?:which|who|whose|where) [^,.;]+,(?= (?:is|was|are|were|has|had|have|[a-z]+ed)\b)"), ""),
    (re.compile(r", (?:which|who|whose|where|although|though|while|whereas|since|because|as well as|such as|including|making|leading|causing|resulting|giving|allowing|following|with|after|due to) [^;]*(?=\.$)"), ""),
    (re.compile(r"(?:,|;) (?:and|but|so|or|yet) [^;]*(?=\.$)"), ""),
    (re.compile(r"; [^;]*(?=\.$)"), ""),
]
FINITE = re.compile(rf"\b(?:{BE}|has|had|have|became|began|made|won|built|held|led|took|gave|can|could|will|would|[a-z]{{3,}}ed)\b")


def shortened(sentence: str) -> str | None:
    """The sentence without a clause, or None where nothing can go or too little stays."""
    found = sentence
    for pattern, by in DROPPED:
        found = capitalized(pattern.sub(by, found, count=1))
    words = found.split()
    if found == sentence or not 7 <= len(words) <= 28 or not found.endswith(".") or PRONOUN_START.match(found) or VAGUE.search(found):
        return None
    if not FINITE.search(found) or re.search(r"[\"“”():;]|\b(?:and|or|not only|either|neither|between|both)\.$", found) or listed(sentence, found):
        return None
    return found


def listed(sentence: str, found: str) -> bool:
    """Whether a list may have been cut, which is not a clause, or the rest lacks its end."""
    cut = sentence[len(found) - 1 :] if sentence.startswith(found[:-1]) else ""
    if re.match(r", (?:and|or) ", cut) and not FINITE.search(cut):
        return True
    inside = DATE.sub("", re.sub(rf"^(?:In|On|At|By|During|After|Before|From|Since|Under|As of) [^,]*, ", "", found))
    return "," in inside or bool(re.search(r"\b(?:both|neither|either|not only|if|whether|between)\b", found))


# One fact altered.


def altered(claim: str, passage: Passage, article: Article, seed: int) -> tuple[str, str] | None:
    """The claim with one fact changed, and which kind of fact."""
    rng = random.Random(f"{seed} {claim}")
    kinds = ["date", "number", "place"]
    rng.shuffle(kinds)
    # Names and negation last: they fit nearly every claim.
    kinds.append("name")
    kinds.insert(0 if rng.random() < 0.12 else len(kinds), "negation")
    for kind in kinds:
        changed = negated(claim) if kind == "negation" else swapped(claim, kind, passage, article, rng)
        if changed:
            return changed, kind
    return None


def negated(claim: str) -> str | None:
    if re.search(r"\b(?:not|never|no|none|only)\b", claim):
        plain, count = re.subn(r"\b(is|are|was|were|has|have|had|can|could|will|would|did) not\b", r"\1", claim, count=1)
        return plain if count and " did " not in claim else None
    changed, count = re.subn(rf"\b({BE}|can|could|will|would)\b(?! to\b)", r"\1 not", claim, count=1)
    return changed if count else None


def swapped(claim: str, kind: str, passage: Passage, article: Article, rng: random.Random) -> str | None:
    """The claim with one fact of this kind replaced by another of its passage, or else of its article."""
    at = [match for match in found_facts(claim, kind) if match.group() in article.facts.get(kind, [])]
    if not at:
        return None
    place = rng.choice(at)
    old = place.group()
    others = [fact for fact in article.facts[kind] if alike(old, fact, kind) and not overlap(claim, fact, kind)]
    if kind in ("place", "name"):
        before = word_before(claim, place.start())
        others = [fact for fact in others if before in article.contexts[fact]]
    near = [fact for fact in others if fact in passage.text]
    pool = near if near and rng.random() < 0.5 else others
    return claim[: place.start()] + rng.choice(pool) + claim[place.end() :] if pool else None


def found_facts(claim: str, kind: str) -> list[re.Match]:
    if kind == "date":
        return list(DATE.finditer(claim))
    if kind == "number":
        dates = [match.span() for match in DATE.finditer(claim)]
        return [match for match in NUMBER.finditer(claim) if not any(a < match.end() and match.start() < b for a, b in dates)]
    return list(NAME.finditer(claim))


def alike(old: str, fact: str, kind: str) -> bool:
    """Whether one can stand for the other in a sentence."""
    if old == fact:
        return False
    if kind == "date":
        return shape(old) == shape(fact)
    if kind == "number":
        return old[0].isdigit() == fact[0].isdigit() and abs(len(old) - len(fact)) <= 1 and old != "1"
    return (len(old.split()) > 1) == (len(fact.split()) > 1) and old.isupper() == fact.isupper() and old.endswith("s") == fact.endswith("s")


def shape(date: str) -> str:
    return re.sub(r"[A-Za-z]+", "M", re.sub(r"\d{3,}", "Y", re.sub(r"\b\d{1,2}\b", "D", date)))


def overlap(claim: str, fact: str, kind: str) -> bool:
    """Whether the fact, or a part of a name, is in the claim already."""
    return any(word in claim for word in (fact.split() if kind in ("place", "name") else [fact]))


# Choosing.


def supported(passage: Passage) -> list[tuple[str, str]]:
    """All supported claims of a passage, with their kinds; those of one fact once."""
    found: list[tuple[str, str]] = []
    for qa in passage.qas:
        made = statement(qa["question"], qa["answers"][0]["text"])
        if made and not any(made == text for text, _ in found):
            found.append((made, "statement"))
    for sentence in passage.sentences():
        made = shortened(sentence)
        if made:
            found.append((made, "shortened"))
    return found


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def nearest(claim: str, own: Passage, article: Article) -> Passage:
    """The other passage that has most of the claim's words, but not all of them: that may support it."""
    claimed = words(claim)
    common = [(len(claimed & words(passage.text)), passage) for passage in article.passages if passage is not own]
    return max(((count, passage) for count, passage in common if count < len(claimed)), key=lambda pair: pair[0])[1]


def fill(article: Article, known: set[str], excluded: set[str], seed: int) -> None:
    """Gives the passages of an article their claims. A word that no passage has is misspelt."""
    used: set[str] = set()
    for passage in article.passages:
        made = [claim for claim in supported(passage) if claim[0] not in excluded and words(claim[0]) <= known]
        own = made[: MOST_OF_PASSAGE["supported"]]
        for text, kind in own:
            passage.claims.append({"text": text, "label": "supported", "kind": kind})
        for text, _ in made[: MOST_OF_PASSAGE["altered"]]:
            changed = altered(text, passage, article, seed)
            if changed and changed[0] not in excluded | used:
                used.add(changed[0])
                passage.claims.append({"text": changed[0], "label": "altered", "kind": changed[1]})
        if own:
            claim = {"text": own[0][0], "label": "other", "kind": "other"}
            nearest(own[0][0], passage, article).claims.append(claim)


def chosen(articles: list[Article], seed: int) -> list[Passage]:
    """Passages with claims, as many of each label as a file holds, those of articles by turns."""
    queues = []
    for article in articles:
        passages = [passage for passage in article.passages if {claim["label"] for claim in passage.claims} >= {"supported", "altered"}]
        queues.append(sorted(passages, key=lambda passage: random.Random(f"{seed} {passage.text}").random()))
    left = dict(MOST_OF_FILE) | {"negation": MOST_NEGATED}
    found = []
    while any(queues) and any(left[label] for label in MOST_OF_FILE):
        for queue in queues:
            if queue:
                keep(queue.pop(), left, found)
    return sorted(found, key=lambda passage: passage.title)


def keep(passage: Passage, left: dict[str, int], found: list[Passage]) -> None:
    kept, count = [], Counter()
    for claim in passage.claims:
        label = claim["label"]
        if claim["kind"] == "negation" and not left["negation"]:
            continue
        if left[label] and count[label] < MOST_OF_PASSAGE[label]:
            left[label] -= 1
            left["negation"] -= claim["kind"] == "negation"
            count[label] += 1
            kept.append(claim)
    passage.claims = kept
    if kept:
        found.append(passage)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="squad-1.1-dev-part.json")
    parser.add_argument("output", type=Path, help="folder to write to")
    parser.add_argument("--excluded", type=Path, help="claims that a person found wrong or in bad English, one a line")
    parser.add_argument("--seed", type=int, default=19)
    options = parser.parse_args()
    excluded = set(options.excluded.read_text().splitlines()) if options.excluded else set()
    for name, place in SPLITS.items():
        read = list(articles(options.questions, place))
        known = {word for article in read for passage in article.passages for word in words(passage.text)}
        for article in read:
            fill(article, known, excluded, options.seed)
        passages = chosen(read, options.seed)
        rows = [{"title": passage.title, "context": passage.text, "claims": passage.claims} for passage in passages]
        text = json.dumps({"license": "CC BY-SA 4.0", "source": SOURCE, "passages": rows}, indent=1, ensure_ascii=False)
        (options.output / name).write_text(text + "\n")
        print(name, len(rows), "passages", len(text.encode()), "bytes", Counter((claim["label"], claim["kind"]) for row in rows for claim in row["claims"]))


if __name__ == "__main__":
    main()
