/**
 * The script of the worker, for {@link import("multimodal-rag").StartOptions.workerUrl} and for worker scripts of your
 * own, which import it first. It exports nothing.
 */
export {};
