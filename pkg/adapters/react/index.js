"use client";
// Hooks for React 18 and 19. index.d.ts has their types and documentation.

export { useAsk } from "./use-ask.js";
export { useEngine } from "./use-engine.js";
