/**
 * The plugin for Vite, needed before version 8: its development server leaves the package as it is, so that the workers'
 * scripts are found.
 *
 * ```js
 * import multimodalRag from "multimodal-rag/vite";
 * export default { plugins: [multimodalRag()] };
 * ```
 */
export default function multimodalRag(): {
  name: string;
  config(): { optimizeDeps: { exclude: string[] } };
};
