import { add, ask, documents } from "./engine-client.js";

const find = (id) => document.getElementById(id);

const say = (text) => (find("status").textContent = text);

async function keep(text) {
  const name = `${new Date().toISOString()}.txt`;
  await add(text, name);
  say(`Notes kept: ${(await documents()).length}.`);
}

async function answer(question) {
  find("quotes").replaceChildren();
  find("answer").textContent = "";
  await ask(question, (event) => {
    if (event.type === "quote") find("quotes").append(item(event.text));
    if (event.type === "text") find("answer").append(event.text);
    if (event.type === "end") say(event.reason === "no_answer" ? "The notes do not answer this." : "");
  });
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

/** Runs `act` with the form's text when it is sent; what fails is said. */
function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("…");
    const text = form.elements.text.value;
    form.reset();
    await act(text).catch(({ message }) => say(message));
  });
}

onSubmit(find("note"), keep);
onSubmit(find("question"), answer);
