//! Words of questions that mean words of headers.

/// Letters of the shortest word of a header that longer words of questions begin with.
const MIN_PREFIX: usize = 3;

/// Letters of the shortest root, and of the longest ending after it.
const ROOT: usize = 5;
const MAX_ENDING: usize = 4;

/// Words of questions, and the words of headers that they mean: stems.
const MEANINGS: &[(&[&str], &[&str])] = &[
    (&["win", "won", "victori", "winner"], &["w", "win", "won", "winner", "victori"]),
    (&["lose", "lost", "loss"], &["l", "loss", "lost"]),
    (&["draw", "tie", "drew"], &["d", "t", "draw", "tie"]),
    (
        &["tall", "tallest", "taller", "high", "highest", "height"],
        &["height", "elev", "ft", "altitud"],
    ),
    (&["heavi", "heaviest", "weigh", "weight", "lightest"], &["weight", "mass"]),
    (
        &["old", "oldest", "young", "youngest", "age", "born", "birth"],
        &["age", "birth", "born", "dob"],
    ),
    (&["die", "death", "dead"], &["death", "die", "dead"]),
    (&["peopl", "popul", "inhabit", "resid", "live", "popular"], &["popul", "pop", "inhabit"]),
    (&["fast", "fastest", "slow", "slowest", "finish", "long", "quick", "quickest"], &["time"]),
    (&["long", "longest", "length", "shortest"], &["length", "distanc", "durat", "span"]),
    (
        &["far", "farthest", "furthest", "distanc", "mile", "kilomet"],
        &["distanc", "km", "kilomet", "mile", "mi"],
    ),
    (
        &["larg", "largest", "big", "biggest", "size", "small", "smallest", "area"],
        &["area", "size", "km2"],
    ),
    (&["play", "against", "oppon", "face", "team"], &["oppon", "team", "oppos"]),
    (
        &["countri", "nation", "nationali", "represent", "american"],
        &["countri", "nation", "national", "noc"],
    ),
    (
        &["where", "locat", "place", "held", "venu", "citi", "town"],
        &["locat", "venu", "place", "site", "citi", "town"],
    ),
    (&["when", "date", "day", "month"], &["date", "day"]),
    (&["year"], &["year", "season", "date"]),
    (&["point", "score"], &["pts", "point", "score"]),
    (&["medal"], &["total"]),
    (&["vote"], &["vote", "result"]),
    (
        &["place", "rank", "posit", "finish", "first", "second", "third", "top"],
        &["rank", "pos", "posit", "place", "finish"],
    ),
    (&["who", "person", "player"], &["name", "player"]),
    (&["attend", "crowd", "fan"], &["attend", "crowd"]),
    (&["car", "vehicl", "drive", "drove"], &["car", "constructor", "make", "team", "vehicl"]),
    (&["song", "singl", "track"], &["titl", "song", "singl", "track"]),
    (&["album", "film", "movi", "book", "show"], &["titl", "album", "film", "movi"]),
    (&["cost", "price", "expens", "worth", "much"], &["price", "cost", "valu"]),
    (&["serv", "term", "reign", "tenur"], &["term", "tenur", "reign", "offic", "year"]),
    (&["language", "speak", "spoken"], &["languag"]),
    (&["built", "build", "construct"], &["built", "year", "construct", "complet"]),
    // Short forms of headers of sports.
    (&["goal"], &["g", "gls", "gf"]),
    (&["assist"], &["ast"]),
    (&["rebound"], &["reb", "rpg"]),
    (&["steal"], &["stl"]),
    (&["block"], &["blk"]),
    (
        &["game", "match", "play", "appear"],
        &["gp", "pld", "mp", "app", "game", "match", "gm", "cap"],
    ),
    (&["point"], &["p", "pt", "ppg"]),
    (&["penalti"], &["pim", "pen"]),
    (&["yard", "yardag"], &["yds", "yd", "yard"]),
    (&["touchdown"], &["td", "tds"]),
    (&["percentag", "percent"], &["pct", "percent", "percentag"]),
    (&["averag"], &["avg", "ave", "mean"]),
    (&["differ"], &["gd", "diff", "differ", "margin"]),
    (&["against", "conced", "allow"], &["ga", "pa", "against"]),
    (&["minut"], &["min", "minut"]),
    (&["second"], &["sec"]),
    (&["rank", "posit", "place", "standing"], &["rk", "pos", "stand", "seed"]),
    (&["start", "qualifi"], &["grid", "start", "qual", "pole"]),
    (&["number"], &["no", "#", "nr", "num"]),
    (&["loss", "lose", "lost", "defeat"], &["loser", "defeat"]),
    (&["result", "outcom", "win", "won", "lose", "lost"], &["result", "outcom", "score", "w/l"]),
    (&["leagu", "divis"], &["div", "leagu", "divis", "tier", "level"]),
    (
        &["stadium", "venu", "arena", "ground"],
        &["stadium", "venu", "arena", "ground", "site", "locat"],
    ),
    (&["circuit", "track"], &["circuit", "track", "venu", "prix"]),
    (&["surfac", "court"], &["surfac", "court"]),
    (
        &["race", "event", "competit", "tournament", "championship", "meet"],
        &["race", "event", "competit", "tournament", "championship", "meet", "prix"],
    ),
    (&["disciplin", "sport"], &["disciplin", "sport", "event"]),
    (&["team", "club", "squad", "side"], &["team", "club", "squad", "side", "franchis"]),
    (&["winner", "champion", "win", "won"], &["winner", "champion", "gold", "1st"]),
    (&["second", "runner", "silver"], &["runner", "silver", "2nd"]),
    (&["third", "bronz"], &["third", "bronz", "3rd"]),
    (&["coach", "manag"], &["coach", "manag", "head"]),
    (&["captain", "skipper"], &["captain", "skipper"]),
    (&["lap"], &["lap"]),
    (&["retir"], &["retir", "time"]),
    // Times.
    (&["year", "season"], &["season", "year", "yr", "yrs"]),
    (&["when", "year", "date"], &["year", "season", "date", "time", "period", "month"]),
    (&["open"], &["open", "inaugur", "commiss"]),
    (&["close", "shut", "end"], &["close", "closur", "end", "decommiss"]),
    (
        &["start", "begin", "began", "begun", "first"],
        &["start", "begin", "began", "from", "first", "debut"],
    ),
    (&["end", "finish", "until", "last"], &["end", "until", "to", "last", "finish"]),
    (
        &["establish", "found", "form", "creat", "start"],
        &["establish", "found", "form", "foundat", "incept", "creat", "incorpor"],
    ),
    (
        &["releas", "publish", "issu", "came", "come", "air"],
        &["releas", "publish", "date", "issu", "air", "premier", "broadcast"],
    ),
    (&["launch"], &["launch", "commiss", "date"]),
    (
        &["built", "build", "construct", "complet", "old", "oldest"],
        &["built", "construct", "complet", "year"],
    ),
    (&["elect"], &["elect", "term", "date"]),
    (&["offic", "serv", "appoint"], &["offic", "term", "tenur", "appoint", "took", "left"]),
    (
        &["born", "birth", "old", "oldest", "young", "youngest"],
        &["born", "birth", "dob", "birthdat", "birthday"],
    ),
    (&["die", "death", "dead", "deceas"], &["death", "die", "dead", "deceas"]),
    (&["old", "oldest", "young", "youngest", "age"], &["age"]),
    (
        &["long", "longest", "shortest", "last", "durat"],
        &["durat", "length", "runtim", "run", "time", "term"],
    ),
    (&["arriv"], &["arr", "arriv"]),
    (&["depart", "leav", "left"], &["dep", "depart"]),
    // Sizes.
    (
        &["tall", "tallest", "taller", "high", "highest", "height"],
        &["height", "ht", "elev", "altitud", "high", "peak"],
    ),
    (
        &["heavi", "heaviest", "heavier", "light", "lightest", "weigh", "weight"],
        &["weight", "wt", "mass", "lbs", "kg", "tonnag"],
    ),
    (&["deep", "deepest", "deeper"], &["depth"]),
    (&["wide", "widest", "narrow", "narrowest"], &["width", "beam", "wingspan"]),
    (
        &["long", "longest", "short", "shortest", "longer", "shorter"],
        &["length", "distanc", "km", "mile"],
    ),
    (
        &["large", "larg", "largest", "big", "biggest", "small", "smallest"],
        &["size", "area", "popul", "capac"],
    ),
    (
        &["fast", "fastest", "slow", "slowest", "quick", "quickest", "faster", "slower"],
        &["time", "speed", "mph", "rate"],
    ),
    (&["expens", "cheap", "cheapest", "cost"], &["price", "cost", "valu", "fee"]),
    (
        &["money", "earn", "paid", "pay", "rich", "richest"],
        &["earn", "prize", "purs", "win", "salari", "money", "wage", "worth", "net"],
    ),
    (
        &["gross", "revenu", "incom", "profit", "earn", "sale", "sold", "sell"],
        &["gross", "revenu", "incom", "profit", "sale", "box", "turnov"],
    ),
    (&["budget", "spent", "spend"], &["budget", "expenditur", "cost"]),
    (&["densiti", "dens", "densest", "crowd"], &["densiti"]),
    (&["popul", "peopl", "inhabit", "resid"], &["popul", "pop", "census", "inhabit", "resid"]),
    (&["seat", "capac", "hold"], &["seat", "capac"]),
    (&["passeng", "ridership"], &["passeng", "ridership", "traffic"]),
    (
        &["attend", "attende", "spectat", "viewer", "watch", "audienc"],
        &["attend", "att", "crowd", "gate", "viewer", "rate", "audienc"],
    ),
    (
        &["hot", "hottest", "warm", "warmest", "cold", "coldest", "cool", "temperatur"],
        &["temperatur", "temp", "high", "low"],
    ),
    (&["rain", "wet", "wettest", "dri", "driest"], &["rain", "rainfal", "precipit"]),
    (
        &["kill", "die", "dead", "death", "casualti", "fatal"],
        &["kill", "death", "casualti", "fatal", "dead"],
    ),
    (&["hurt", "injur", "wound"], &["injur", "injuri", "wound"]),
    (&["student", "enrol", "attend"], &["student", "enrol", "enroll"]),
    (&["employe", "worker", "work"], &["employe", "workforc", "staff"]),
    (&["power", "horsepow"], &["power", "hp", "bhp", "kw", "mw", "output", "capac"]),
    (&["percent", "percentag", "share", "proport"], &["share", "rate", "percent"]),
    (&["amount", "quantiti", "total"], &["amount", "quantiti", "total", "number"]),
    // Places.
    (
        &["where", "locat", "place", "site"],
        &["locat", "venu", "place", "site", "citi", "town", "citi", "countri", "region", "area"],
    ),
    (
        &["countri", "nation", "nationali"],
        &["nation", "countri", "nat", "noc", "state", "represent", "origin"],
    ),
    (&["from", "hometown", "origin"], &["hometown", "origin", "birthplac", "nation", "countri"]),
    (
        &["citi", "town", "villag"],
        &["citi", "town", "villag", "municip", "locat", "settlement", "place"],
    ),
    (
        &["state", "provinc", "region", "counti", "district"],
        &["state", "provinc", "region", "counti", "district", "territori"],
    ),
    (&["colleg", "univers", "school"], &["colleg", "univers", "school", "institut", "alma"]),
    (&["mountain", "summit"], &["mountain", "peak", "summit", "mount"]),
    (
        &["bridg", "river", "lake", "island", "build", "tower", "station", "ship", "church"],
        &["name"],
    ),
    (&["build", "structur"], &["build", "structur", "landmark"]),
    (&["station", "stop"], &["station", "stop"]),
    (&["ship", "boat", "vessel"], &["ship", "vessel", "boat"]),
    (&["airport"], &["airport", "iata", "icao"]),
    (&["rout", "line", "road", "highway"], &["rout", "line", "road", "street"]),
    // People and their works.
    (
        &["who", "person", "whom", "whose", "peopl", "man", "woman"],
        &[
            "name", "player", "artist", "winner", "driver", "rider", "athlet", "candid", "actor",
            "member", "incumb", "holder", "person", "recipi",
        ],
    ),
    (
        &[
            "politician",
            "senat",
            "repres",
            "presid",
            "minist",
            "mayor",
            "governor",
            "ambassador",
            "leader",
        ],
        &[
            "name", "member", "incumb", "senat", "repres", "presid", "minist", "mayor", "governor",
            "leader",
        ],
    ),
    (&["parti", "affili", "polit"], &["parti", "affili"]),
    (&["candid"], &["candid", "name", "nomine"]),
    (&["vote"], &["vote", "poll", "ballot"]),
    (
        &["actor", "actress", "star", "cast", "perform"],
        &["actor", "actress", "star", "cast", "perform", "artist"],
    ),
    (
        &["singer", "artist", "band", "musician", "perform"],
        &["artist", "singer", "band", "perform", "act"],
    ),
    (&["charact", "role", "part", "play"], &["role", "charact", "part"]),
    (&["author", "writer", "wrote", "written", "write"], &["author", "writer", "written"]),
    (&["director", "direct"], &["director", "direct"]),
    (&["compos", "wrote"], &["compos", "music"]),
    (
        &[
            "episod", "film", "movi", "book", "song", "album", "game", "show", "singl", "work",
            "novel",
        ],
        &[
            "titl", "name", "episod", "film", "movi", "book", "song", "album", "singl", "work",
            "program",
        ],
    ),
    (&["network", "channel", "station"], &["network", "channel", "station", "broadcast"]),
    (&["label"], &["label", "record"]),
    (&["award", "prize", "honor"], &["award", "prize", "categori", "honor"]),
    (&["chart", "peak"], &["chart", "peak", "posit"]),
    (
        &["role", "job", "titl", "posit", "occup", "profess"],
        &["role", "titl", "posit", "occup", "profess", "offic"],
    ),
    (&["compani", "owner", "own", "oper", "firm"], &["compani", "owner", "oper", "firm"]),
    (
        &["manufactur", "maker", "made", "produc", "make"],
        &["manufactur", "maker", "make", "builder", "brand", "produc", "constructor"],
    ),
    (
        &["model", "type", "kind", "class", "categori"],
        &["model", "type", "kind", "class", "categori", "varieti"],
    ),
    (&["reason", "caus", "why"], &["reason", "caus", "note", "comment", "remark"]),
    (&["note", "comment"], &["note", "comment", "remark"]),
    (
        &["opponent", "against", "oppon", "versus", "beat", "defeat", "face", "play"],
        &["oppon", "vs", "against", "visitor"],
    ),
    (&["partner", "teammat"], &["partner"]),
    (&["engin"], &["engin"]),
    (&["name", "call"], &["name", "titl"]),
    (&["languag", "speak", "spoken"], &["languag"]),
];

/// Whether a word of a question means a word of a header. Both are stems.
pub(crate) fn means(word: &str, header: &str) -> bool {
    let is_longer = header.len() >= MIN_PREFIX && word.len() > header.len() + 1;
    have_one_root(word, header)
        || is_longer && word.starts_with(header)
        || MEANINGS
            .iter()
            .any(|(words, headers)| words.contains(&word) && headers.contains(&header))
}

/// Whether two stems are of one root: "compet" and "competitor".
pub(super) fn have_one_root(word: &str, header: &str) -> bool {
    if word == header {
        return true;
    }
    let common = word.bytes().zip(header.bytes()).take_while(|(one, other)| one == other).count();
    common >= ROOT && word.len().max(header.len()) - common <= MAX_ENDING
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_word_means_itself_and_its_beginning() {
        assert!(means("goal", "goal") && means("nationali", "nation"));
        assert!(!means("goals", "goal"), "one letter more is another word");
        assert!(!means("goal", "nation"));
    }

    #[test]
    fn a_word_means_headers_of_its_group() {
        assert!(means("tallest", "height") && means("victori", "w"));
        assert!(!means("height", "tallest"), "the other direction has its own group");
    }
}
