// Makes src/text/abbreviations.txt from Unicode's CLDR: npm pack cldr-segments-full@46.1.0, unpack it, then
// node scripts/abbreviations.mjs FOLDER. Licence of the data: Unicode-3.0.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LANGUAGES = ["de", "en", "es", "fr", "it", "pt", "ru"];

/** Not in CLDR: Czech, Danish, Dutch, Finnish, Greek, Hindi, Hungarian, Norwegian, Polish, Swedish, Turkish and Ukrainian, and what stands before names, places and times in business and in science. */
const ADDED = `
  aant afb afd blz bijv bv c.q dhr d.m.v d.w.z enz evt excl incl i.p.v i.v.m jl jr m.b.t m.b.v m.i.v mevr mw nl n.a.v nr o.a
  o.b.v o.l.v p.p red resp t.a.v t.g.v t/m t.o.v v.a vgl vnl zgn
  assn ave bldg blvd bros co corp dept dist div est ext gmbh inc llc ltd mfg no plc rd ste tel univ
  a.k.a c.f cca ed eds eq esp et.al fig figs ibid incl max min op pp pt pts resp sec tab vol vols
  а.е г гг др млн млрд напр обл пр прим рис см стр т т.д т.е т.к т.п
  bl.a f.eks t.ex s.k f.d p.g.a dvs d.v.s jf fhv mht pga ifm ift ekskl sml klo vrt
  ul godz tzw tzn inż hab płk św woj m.in např tzv tř napr krt ún szt
  vb bkz örn mah doç yrd yy bd bld akad
  акад доц св просп пл наб корп вул тис див π.χ δρ τηλ λεωφ αρ डॉ प्रो पं कि.मी
  prof.dr dr.med dipl.-ing ggü bzw usw etc ca evtl
`.trim().split(/\s+/u);

/** Words that end sentences far more often than they are shortened ones. */
const WORDS = new Set(
  `ab act alt am bien bras card cat chin col com cont dom end esp fem fr gen hat hist job joe kit lat led link lit long mar may med
  mod ok org pal pin por port pro ram ref res rol sol sup test up var ann ant app arch art bed ben best bull cam dat div jam mat
  mer mind out par pol rag sam set ss tab ven voit`.trim().split(/\s+/u),
);

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node scripts/abbreviations.mjs FOLDER");
const found = new Set(ADDED);
for (const language of LANGUAGES) {
  const file = join(folder, "segments", language, "suppressions.json");
  const { segmentations } = JSON.parse(readFileSync(file, "utf8")).segments;
  for (const { suppression } of segmentations.SentenceBreak.standard) {
    for (const word of suppression.toLowerCase().split(" ")) {
      const abbreviation = word.replace(/\.$/u, "");
      // Single letters are recognized by a rule.
      if ([...abbreviation].length > 1 && word.endsWith(".") && !WORDS.has(abbreviation)) found.add(abbreviation);
    }
  }
}
const sorted = [...found].sort((a, b) => (a < b ? -1 : 1));
writeFileSync("src/text/abbreviations.txt", `${sorted.join("\n")}\n`);
