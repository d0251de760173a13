//! TeX, AsciiDoc, reStructuredText, Org.

use multimodal_rag::BlockKind::{
    Caption, Code, Footnote, Heading, ListItem, Paragraph, TableHeader, TableRow,
};

use super::{blocks, details, file};

#[test]
fn tex_reads_as_it_is_set() {
    let text = r#"\documentclass{article}
\title{On \emph{Kilns}}\author{Ada Byron \and Bo Li}
\begin{document}
\section{Heat}\label{sec:heat}
It is $Q = mc$, 50\% % unseen
of it.\footnote{A \textbf{note}.} Gr\"u\ss e, caf\'e.
\begin{itemize}
\item One
\end{itemize}
\begin{table}\caption{Cones}
\begin{tabular}{ll}
A & B \\ \hline
1 & 2 \\
\end{tabular}
\end{table}
\begin{equation}\label{e} E = mc^2 \end{equation}
\begin{verbatim}
x = 1
\end{verbatim}
\end{document}"#;
    let expected = [
        (Heading(1), "On Kilns"),
        (Heading(2), "Heat"),
        (Paragraph, "It is $Q = mc$, 50% of it.[1] Grüße, café."),
        (Footnote, "[1] A note."),
        (ListItem, "- One"),
        (Caption, "Cones"),
        (TableHeader, "A | B"),
        (TableRow, "1 | 2"),
        (Paragraph, "$$E = mc^2$$"),
        (Code, "x = 1"),
    ];
    assert_eq!(blocks(&file("a.tex", text).document), expected);
    assert_eq!(details("a.tex", text).authors, ["Ada Byron", "Bo Li"]);
}

#[test]
fn asciidoc_reads_as_it_is_rendered() {
    let text = "= Kiln\nAda Byron <a@x.org>\nv1.0, 2025-05-01\n:product: Oven\n\n== First\n\
                The *{product}* is https://x.org[here] `hot`.\n// unseen\n\n* one\n** two\n\n\
                [source,python]\n----\nx = 1\n----\n\n[cols=\"1,1\",options=\"header\"]\n|===\n\
                |A |B\n\n|1 |2\n|3\n|4\n|===\n";
    let expected = [
        (Heading(1), "Kiln"),
        (Heading(2), "First"),
        (Paragraph, "The Oven is here hot."),
        (ListItem, "- one"),
        (ListItem, "  - two"),
        (Code, "x = 1"),
        (TableHeader, "A | B"),
        (TableRow, "1 | 2"),
        (TableRow, "3 | 4"),
    ];
    assert_eq!(blocks(&file("a.adoc", text).document), expected);
    let details = details("a.adoc", text);
    assert_eq!(
        (details.authors, details.date),
        (vec!["Ada Byron".into()], Some("2025-05-01".into()))
    );
}

#[test]
fn restructuredtext_reads_as_it_is_rendered() {
    let text = "====\nKiln\n====\n\nIntro\n-----\nSome **bold** ``code``, `a link <https://x.org>`_ and \
                :ref:`the guide <guide>`. See [1]_.\n\nAs here::\n\n    x = 1\n\n* one\n  more\n\n\
                .. note:: Take care.\n\n.. code-block:: python\n   :linenos:\n\n   print(1)\n\n\
                +---+---+\n| A | B |\n+===+===+\n| 1 | 2 |\n+---+---+\n\n====  ====\nC     D\n====  ====\n\
                3     4\n====  ====\n\n.. [1] The note.\n.. unseen\n";
    let expected = [
        (Heading(1), "Kiln"),
        (Heading(2), "Intro"),
        (Paragraph, "Some bold code, a link and the guide. See [1]."),
        (Paragraph, "As here:"),
        (Code, "x = 1"),
        (ListItem, "- one more"),
        (Paragraph, "Take care."),
        (Code, "print(1)"),
        (TableHeader, "A | B"),
        (TableRow, "1 | 2"),
        (TableHeader, "C | D"),
        (TableRow, "3 | 4"),
        (Footnote, "[1] The note."),
    ];
    assert_eq!(blocks(&file("a.rst", text).document), expected);
}

#[test]
fn org_reads_as_it_is_rendered() {
    let text = "#+TITLE: Kiln\n#+AUTHOR: Ada\n* First /section/\n:PROPERTIES:\n:ID: x\n:END:\n\
                Some *bold* text, [[https://x.org][a link]] and =code=.[fn:1]\n\n- one\n- two\n  more\n\n\
                | A | B |\n|---+---|\n| 1 | 2 |\n\n#+BEGIN_SRC python\nx = 1\n#+END_SRC\n\n\
                [fn:1] The note.\n# unseen\n";
    let expected = [
        (Heading(1), "Kiln"),
        (Heading(2), "First section"),
        (Paragraph, "Some bold text, a link and code.[1]"),
        (ListItem, "- one"),
        (ListItem, "- two more"),
        (TableHeader, "A | B"),
        (TableRow, "1 | 2"),
        (Code, "x = 1"),
        (Footnote, "[1] The note."),
    ];
    assert_eq!(blocks(&file("a.org", text).document), expected);
}

#[test]
fn raised_lowered_and_struck_text_keeps_its_meaning() {
    for (name, source, expected) in [
        (
            "a.adoc",
            "10^6^ cells of H~2~O, ~/a and ~/b, [line-through]#40# 30",
            "10^6 cells of H2O, ~/a and ~/b, ~~40~~ 30",
        ),
        (
            "a.rst",
            "10\\ :sup:`6` cells of H\\ :sub:`2`\\ O, see :ref:`here`",
            "10^6 cells of H2O, see here",
        ),
        (
            "a.tex",
            "10\\textsuperscript{6} cells of H\\textsubscript{2}O, \\sout{40} 30",
            "10^6 cells of H2O, ~~40~~ 30",
        ),
        ("a.org", "10^6 cells", "10^6 cells"),
    ] {
        assert_eq!(file(name, source).document.text, expected, "{name}");
    }
}
