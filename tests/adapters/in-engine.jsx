// What engine.test.mjs finds in the page: the frameworks, the adapters and the package.

import { Chat } from "@ai-sdk/react";
import { Document } from "@langchain/core/documents";
import { generateText, streamText } from "ai";
import * as rag from "multimodal-rag";
import * as aiSdk from "multimodal-rag/ai-sdk";
import { aiSdkGenerator } from "multimodal-rag/generators";
import { EngineVectorStore } from "multimodal-rag/langchain";

Object.assign(window, { Chat, Document, generateText, streamText, rag, aiSdk, aiSdkGenerator, EngineVectorStore });

/** How a promise came out, in a form that a test can be given. */
window.outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    ({ name, code }) => ({ name, code }),
  );
