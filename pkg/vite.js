// The plugin for Vite: its development server leaves the package as it is, so that the workers' scripts are found.

export default function multimodalRag() {
  return {
    name: "multimodal-rag",
    config: () => ({ optimizeDeps: { exclude: ["multimodal-rag"] } }),
  };
}
