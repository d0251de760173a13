// A server that behaves like a model hub: it redirects to the bytes, and supports ranges. Each path can have a fault.

import { createServer } from "node:http";

/** `files`: path -> { bytes, fault? }. Resolves to `{ url, requests, close }`; each request is "path range". */
export async function hub(files) {
  const requests = [];
  const server = createServer((request, response) => {
    const path = request.url;
    requests.push(`${path} ${request.headers.range ?? "-"}`);
    if (files[path]) return response.writeHead(302, { location: `/blob${path}` }).end();
    const file = files[path.slice("/blob".length)];
    if (!path.startsWith("/blob/") || !file) return response.writeHead(404).end("Entry not found");
    send(file, request.headers.range, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

function send(file, range, response) {
  const { bytes, fault } = file;
  const match = fault === "ignores ranges" ? null : /^bytes=(\d+)-$/.exec(range ?? "");
  const start = match ? Number(match[1]) : 0;
  if (match && start >= bytes.length) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
  const body = bytes.subarray(start);
  response.writeHead(match ? 206 : 200, {
    "content-length": body.length,
    ...(match && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  const breaks = fault === "always breaks off" || (fault && !file.broke);
  if (!breaks) return response.end(body);
  file.broke = true;
  // The connection ends after a part of the body.
  const some = fault === "always breaks off" ? 0 : Math.floor(body.length / 2);
  response.write(body.subarray(0, some), () => setTimeout(() => response.destroy(), 50));
}
