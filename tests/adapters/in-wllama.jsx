// What wllama.test.mjs finds in the page: wllama, and its generator.

import { Wllama } from "@wllama/wllama";
import { wllamaGenerator } from "multimodal-rag/generators";

Object.assign(window, { Wllama, wllamaGenerator });
