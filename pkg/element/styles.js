// The look of the element: the page's font and colours, and lines and tints made of its text colour.

const CSS = `
:host { display: block; text-align: start; overflow-wrap: anywhere; }
:host([hidden]), [hidden] { display: none !important; }

.frame {
  --_line: var(--rag-line, currentColor);
  --_edge: var(--rag-line, currentColor);
  --_tint: transparent;
  --_mark: var(--rag-mark, transparent);
  --_radius: var(--rag-radius, .5rem);
  --_target: 2.75rem;
}
@supports (color: color-mix(in srgb, red 50%, blue)) {
  .frame {
    --_line: var(--rag-line, color-mix(in srgb, currentColor 20%, transparent));
    --_edge: var(--rag-line, color-mix(in srgb, currentColor 58%, transparent));
    --_tint: color-mix(in srgb, currentColor 6%, transparent);
    --_mark: var(--rag-mark, color-mix(in srgb, #ffc800 38%, transparent));
  }
}

*, *::before, *::after { box-sizing: border-box; }
p, ol, ul, blockquote, h2 { margin: 0; padding: 0; }
ol, ul { list-style: none; }
button, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
:focus-visible { outline: 2px solid var(--rag-accent, currentColor); outline-offset: 2px; }

.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { font-size: .875em; }
.kind { margin-bottom: .5rem; font-size: .8125em; font-weight: 600; letter-spacing: .01em; }
@supports (color: color-mix(in srgb, red 50%, blue)) {
  .soft, .kind, .headings, .progress, summary { color: color-mix(in srgb, currentColor 82%, transparent); }
}

/* Texts in a language of another direction than the page's. */
.label, .kind, .soft, .nothing, .nothing strong, .problem p, .progress span, .source-line, h2 { unicode-bidi: plaintext; }

/* The form */

.form { position: relative; }
.label { display: block; margin-bottom: .5rem; font-weight: 600; }
.box { display: flex; flex-wrap: wrap; align-items: flex-end; justify-content: flex-end; gap: .375rem; padding: .375rem; border: 1px solid var(--_edge); border-radius: var(--_radius); }
.box:focus-within { outline: 2px solid var(--rag-accent, currentColor); outline-offset: -1px; }
.field {
  flex: 1 1 11rem;
  min-width: 0;
  min-height: var(--_target);
  max-height: 10em;
  padding: calc((var(--_target) - 1.5em) / 2) .5rem;
  border: 0;
  outline: 0;
  background: none;
  line-height: 1.5;
  resize: none;
  field-sizing: content;
}
.field::placeholder { color: inherit; opacity: .75; }

.button {
  min-height: var(--_target);
  min-width: var(--_target);
  padding: .25rem .9rem;
  border: 1px solid var(--_edge);
  border-radius: calc(var(--_radius) * .7);
  background: none;
  font-weight: 600;
  cursor: pointer;
}
.button:hover { background: var(--_tint); }
.ask { min-width: 4.5rem; border-color: transparent; background: var(--rag-accent, none); color: var(--rag-accent-text, inherit); }
.ask:hover { background: var(--rag-accent, none); opacity: .88; }
/* Filled with the colour of the text, whatever it is; the word on it is black or white, whichever is farther from it. */
@supports (color: oklch(from red l c h)) {
  .ask, .ask:hover { background: var(--rag-accent, currentColor); color: inherit; }
  .ask > span { color: var(--rag-accent-text, oklch(from currentColor clamp(0, (.62 - l) * 1000, 1) 0 0)); }
}
@supports not (color: oklch(from red l c h)) {
  .ask { border-color: var(--_edge); }
}

.progress { display: grid; gap: .375rem; margin-top: .625rem; font-size: .875em; font-variant-numeric: tabular-nums; }
progress { display: block; width: 100%; height: .25rem; border: 0; border-radius: 1rem; overflow: hidden; background: var(--_tint); appearance: none; }
progress::-webkit-progress-bar { background: var(--_line); }
progress::-webkit-progress-value { background: var(--rag-accent, currentColor); }
progress::-moz-progress-bar { background: var(--rag-accent, currentColor); }

/* Questions and answers */

.turn { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.125rem; margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--_line); }
.question { font-size: 1.125em; font-weight: 600; line-height: 1.35; white-space: pre-wrap; }
.short { font-size: 1.5em; font-weight: 600; line-height: 1.25; }
.sentence { font-size: 1.125em; font-weight: 600; line-height: 1.35; }
.written-text { line-height: 1.6; white-space: pre-wrap; }

.quotes { display: grid; gap: .875rem; }
.quote { padding-inline-start: .875rem; border-inline-start: 3px solid var(--_line); }
.quote blockquote { line-height: 1.5; }
mark { padding: 0 .1em; border-radius: .15em; background: var(--_mark); color: inherit; font-weight: 600; -webkit-box-decoration-break: clone; box-decoration-break: clone; }

.source-line { margin-top: .25rem; font-size: .875em; }
.source { padding: 0; border: 0; background: none; color: inherit; text-align: start; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; cursor: pointer; }
.source:hover { text-decoration-thickness: 2px; }
.number, .marker { display: inline-block; min-width: 1.5em; padding: 0 .35em; border: 1px solid var(--_line); border-radius: .3em; font-size: .8125em; font-weight: 600; line-height: 1.5; text-align: center; text-decoration: none; font-variant-numeric: tabular-nums; }
.number { margin-inline-end: .25em; }
.marker { position: relative; margin-inline-start: .25em; border-color: var(--_edge); background: var(--_tint); color: inherit; font-size: .75em; vertical-align: .15em; cursor: pointer; }
.marker:hover { background: var(--_mark); }
.headings { display: block; margin-top: .125rem; }

.cited { white-space: nowrap; }

.fold { padding: 0 .25em; border: 0; border-radius: .2em; background: var(--_tint); cursor: pointer; }
.fold[aria-expanded="true"] { padding: 0; background: none; text-align: start; text-decoration: underline dotted 2px; text-underline-offset: .25em; }

.table-box { overflow-x: auto; margin-top: .5rem; border: 1px solid var(--_line); border-radius: calc(var(--_radius) * .7); }
table { width: 100%; border-collapse: collapse; font-size: .9375em; overflow-wrap: break-word; }
th, td { padding: .375rem .75rem; text-align: start; vertical-align: top; }
th { font-weight: 600; background: var(--_tint); }
tbody tr { border-top: 1px solid var(--_line); }
.number-cell { text-align: end; font-variant-numeric: tabular-nums; }

details { margin-top: .375rem; font-size: .875em; }
summary { padding: .25rem 0; cursor: pointer; }
details > p { padding: .25rem 0; }
.nearest { display: grid; gap: .25rem; padding: .25rem 0; }
pre { margin: 0; padding: .625rem .75rem; border-radius: calc(var(--_radius) * .7); background: var(--_tint); white-space: pre-wrap; }

.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
.pictures li { max-width: 14rem; }
canvas { display: block; max-width: 100%; max-height: 11rem; border: 1px solid var(--_line); border-radius: calc(var(--_radius) * .7); }

.nothing strong { display: block; font-size: 1.125em; }
.problem { display: grid; gap: .75rem; justify-items: start; padding: .875rem 1rem; border: 1px solid var(--_edge); border-inline-start-width: 4px; border-radius: calc(var(--_radius) * .7); }
.foot { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-top: 1.5rem; font-size: .875em; }
.foot .button { min-height: 2.25rem; font-weight: inherit; }

/* The text around a cited place */

dialog { width: min(42rem, calc(100vw - 2rem)); max-height: min(36rem, calc(100vh - 2rem)); padding: 0; border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--rag-surface, Canvas); color: var(--rag-surface-text, CanvasText); }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
.dialog-head { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: .625rem .625rem .625rem 1.125rem; padding-inline: 1.125rem .625rem; border-bottom: 1px solid var(--_line); }
h2 { min-width: 0; font-size: 1em; }
.passage-text { padding: 1rem 1.125rem; overflow-y: auto; line-height: 1.6; white-space: pre-wrap; }
.passage-text:focus-visible { outline-offset: -2px; }

/* Fingers need larger targets than a mouse. */
@media (pointer: coarse) {
  .source, summary { display: inline-flex; align-items: center; min-height: var(--_target); }
  summary { display: list-item; padding: .75rem 0; }
  .marker::after, .fold::after { content: ""; position: absolute; inset: 50% auto auto 50%; width: var(--_target); height: var(--_target); transform: translate(-50%, -50%); }
  .fold { position: relative; }
  .foot .button { min-height: var(--_target); }
}

@media (prefers-reduced-motion: no-preference) {
  .button, .marker { transition: background-color .12s, opacity .12s; }
  .turn { animation: appear .2s ease-out; }
}
@keyframes appear { from { opacity: 0; } }

@media (forced-colors: active) {
  .ask { border: 1px solid ButtonText; background: ButtonFace; color: ButtonText; }
  .ask > span { color: inherit; }
  .box, .button { border-color: ButtonText; }
  .fold { border: 1px solid ButtonText; }
  .field::placeholder { opacity: 1; }
  .source { color: LinkText; }
  mark { background: Mark; color: MarkText; forced-color-adjust: none; }
  progress { border: 1px solid CanvasText; height: .5rem; }
}

@media print {
  .form, .progress, .foot { display: none; }
}
`;

let sheet = null;

/** The style sheet, shared by all elements: a policy may forbid styles in the document. */
export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
