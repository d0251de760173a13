// Wrong input: each has its code and a sentence, and the knowledge base does not change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });
const page = await openPage(await browser.newContext(), site.url);

/** Runs `call` on a knowledge base of one document, and says how it came out and whether anything changed. */
function onOneDocument(call, argument) {
  return page.evaluate(
    async ([call, argument]) => {
      window.engine ??= await rag.Engine.open({ name: "notes" });
      window.ferry ??= await engine.add("The ferry leaves the harbour at seven.", { name: "ferry.txt" });
      const before = JSON.stringify([await engine.documents(), await engine.search("ferry")]);
      const result = await outcome(new Function("argument", `return (${call})(argument)`)(argument));
      const same = before === JSON.stringify([await engine.documents(), await engine.search("ferry")]);
      return { ...result, same };
    },
    [call.toString(), argument],
  );
}

const MiB = 1024 * 1024;

const files = {
  "an empty file": { call: () => engine.add(new File([], "empty.txt")), code: "empty_document" },
  "a file of white space": { call: () => engine.add(" \n\t\n ", { name: "blank.md" }), code: "empty_document" },
  "an HTML file without text": {
    call: () => engine.add("<script>1</script>", { name: "nothing.html" }),
    code: "empty_document",
  },
  "a binary file named .txt": {
    call: () => engine.add(new File([new Uint8Array([127, 69, 76, 70, 2, 1, 1, 0, 0, 0, 0, 0])], "program.txt")),
    code: /^(invalid_text|unsupported_format)$/,
  },
  "invalid bytes": {
    call: () => engine.add(new Uint8Array([72, 101, 108, 108, 111, 0, 254, 253, 32]), { name: "broken.txt" }),
    code: "invalid_text",
  },
  "an unsupported type": {
    call: () => engine.add(new File([new Uint8Array([0, 0, 0, 24, 102, 116, 121, 112, 105, 115, 111, 109, 0, 0, 0, 0])], "film.mp4", { type: "video/mp4" })),
    code: "unsupported_format",
  },
};

const options = {
  "a source of no kind": { call: () => engine.add(42), code: "invalid_option" },
  "metadata that cannot be sent": {
    call: () => engine.add("Text.", { metadata: { f: () => {} } }),
    code: "invalid_option",
  },
  "an empty question": { call: () => engine.search("  "), code: "empty_question" },
  "a question that is no string": { call: () => engine.search({}), code: "invalid_option" },
  "an empty question to be answered": { call: () => collect(engine.ask("")), code: "empty_question" },
  "no question to be answered": { call: () => collect(engine.ask()), code: "invalid_option" },
  "a question longer than the embedder reads": {
    call: () => engine.search("ferry ".repeat(5000)),
    code: "question_too_long",
  },
  "an answer to a question longer than the model reads": {
    call: () => collect(engine.ask("ferry ".repeat(5000))),
    code: "question_too_long",
  },
  "a limit of zero": { call: () => engine.search("ferry", { limit: 0 }), code: "invalid_option" },
  "a limit that is no number": { call: () => engine.search("ferry", { limit: "many" }), code: "invalid_option" },
  "a wrong filter": { call: () => engine.search("ferry", { where: { year: [1] } }), code: "invalid_option" },
  "a replaced document that is not there": {
    call: () => engine.add("Text.", { name: "a.txt", replaces: "no such id" }),
    code: "document_not_found",
  },
  "an import that is no file": { call: () => rag.Engine.import("text"), code: "invalid_option" },
  "a negative temperature": {
    call: () => collect(engine.ask("When does the ferry leave the harbour?", { temperature: -1 })),
    code: "invalid_option",
  },
  "an unknown id": { call: () => engine.text("no such id"), code: "document_not_found" },
  "an id of zeros": { call: () => engine.remove("0".repeat(32)), code: "document_not_found" },
  "an id that is no string": { call: () => engine.remove(7), code: "invalid_option" },
  "an empty name": { call: () => rag.Engine.open({ name: "" }), code: "invalid_option" },
  "a storage that does not exist": {
    call: () => rag.Engine.open({ name: "other", storage: "disk" }),
    code: "invalid_option",
  },
};

for (const [name, { call, code }] of Object.entries({ ...files, ...options })) {
  test(`${name} rejects and changes nothing`, async () => {
    const result = await onOneDocument(call);
    assert.match(result.code ?? "none", new RegExp(code), result.message);
    assert.ok(result.isRagError);
    assert.match(result.message, /[.!]$/, "a sentence");
    assert.ok(result.same, "unchanged");
  });
}

test("a file over the limit is refused with the limit, however it is given", async () => {
  for (const kind of ["blob", "bytes", "string"]) {
    const result = await onOneDocument(
      ([kind, size]) => {
        const text = "a line of words ".repeat(size / 16) + "and more";
        if (kind === "blob") return engine.add(new Blob([text]), { name: "big.txt" });
        if (kind === "bytes") return engine.add(new TextEncoder().encode(text), { name: "big.txt" });
        return engine.add(text, { name: "big.txt" });
      },
      [kind, 20 * MiB],
    );
    assert.equal(result.code, "too_large", kind);
    assert.match(result.message, /"?big\.txt"? is too large: 20971528 bytes, and the limit is 16777216 bytes/);
    assert.ok(result.same);
  }
});

test("a file that was deleted after it was chosen is unreadable", async (t) => {
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const folder = await mkdtemp(`${tmpdir()}/rag-file-`);
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(`${folder}/there.txt`, "Here for a moment.");
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file" })));
  await page.setInputFiles("input", `${folder}/there.txt`);
  await rm(`${folder}/there.txt`);
  const result = await onOneDocument(() => engine.add(document.querySelector("input").files[0]));
  assert.equal(result.code, "unreadable_file");
  assert.match(result.message, /there\.txt/);
  assert.ok(result.same);
});

test("search and ask reject while nothing has been added", async () => {
  const codes = await page.evaluate(async () => {
    const empty = await rag.Engine.open({ name: "empty", storage: "memory" });
    const results = [await outcome(empty.search("ferry")), await outcome(collect(empty.ask("ferry?")))];
    await empty.close();
    return results.map(({ code }) => code);
  });
  assert.deepEqual(codes, ["empty_knowledge_base", "empty_knowledge_base"]);
});

test("a callback that throws breaks neither the call nor the engine", async () => {
  const result = await onOneDocument(async () => {
    const reported = [];
    window.addEventListener("error", (event) => reported.push(event.message));
    const added = await engine.add("Lamps are lit at dusk.", {
      name: "lamps.txt",
      onProgress: () => {
        throw new Error("from the page");
      },
    });
    await engine.remove(added.id);
    return reported.length > 0;
  });
  assert.equal(result.value, true);
  assert.ok(result.same);
});

const unknownOptions = {
  "filter in search": () => engine.search("ferry", { filter: { project: "x" } }),
  "memory in ask": () => collect(engine.ask("When does the ferry leave?", { memory: [] })),
  "replace in add": () => engine.add("Text.", { name: "a.txt", replace: "id" }),
};
for (const [name, call] of Object.entries(unknownOptions)) {
  test(`an option that does not exist is refused, not ignored: ${name}`, async () => {
    const result = await onOneDocument(call);
    assert.equal(result.code, "invalid_option");
    assert.ok(result.same);
  });
}
