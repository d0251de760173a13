// sql.js: SQLite in a worker of its own. Papa Parse reads the CSV there.

export async function openTables() {
  const worker = new Worker(new URL("./sqljs-worker.js", import.meta.url));
  const request = (message, transfer = []) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { error, ...answer } }) => (error ? reject(new Error(error)) : resolve(answer));
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(message, transfer);
    });
  await request({});
  return {
    async load(bytes, name, sql) {
      const copy = bytes.slice();
      const started = performance.now();
      await request({ name, bytes: copy }, [copy.buffer]);
      const { rows } = await request({ sql });
      return { rows, ms: performance.now() - started };
    },
    query: (sql) => request({ sql }),
    close: () => worker.terminate(),
  };
}
