// Any language model of the AI SDK.

import { invalidOption, kindOf, throwIfAborted } from "../../errors.js";

export function aiSdkGenerator(model) {
  if (typeof model?.doStream !== "function") {
    throw invalidOption("model", kindOf(model), 'a language model object of the AI SDK, such as openai("…")');
  }
  return {
    async *generate(messages, { signal, maxTokens, temperature } = {}) {
      throwIfAborted(signal);
      const call = { prompt: messages.map(promptMessage), maxOutputTokens: maxTokens, temperature, abortSignal: signal };
      const reader = (await model.doStream(call)).stream.getReader();
      try {
        for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
          if (value.type === "error") throw value.error;
          if (value.type === "text-delta") yield value.delta;
        }
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        await reader.cancel().catch(() => {}); // ended, or left amid the text
      }
    },
  };
}

/** System messages are strings, the others are made of parts. */
function promptMessage({ role, content }) {
  return { role, content: role === "system" ? content : [{ type: "text", text: content }] };
}
