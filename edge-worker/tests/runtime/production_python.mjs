// Runs the Worker's entry in production's Python, under Node, and calls it as production does. Takes a JSON object
// {folder, env, calls: [[method, argument], ...]} and prints {python, results: [{value} or {error}, ...], sent}. The
// argument of `fetch` is {url, body}. An upstream never answers, but for `/begins`, where it never ends; the visitor leaves
// a moment after it was asked.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { folder, env, calls } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = createRequire(join(folder, "runtime", "package.json"))("pyodide");

// Streams that only Cloudflare's runtime has.
globalThis.IdentityTransformStream = TransformStream;

const PATIENCE_MS = 100;
const unanswered = []; // Node forgets a request's signal together with the request
let visitor;

const upstream = (request) => {
  unanswered.push(request);
  setTimeout(() => visitor.abort(), PATIENCE_MS);
  const whenAborted = (act) => request.signal.addEventListener("abort", () => act(request.signal.reason));
  if (!request.url.endsWith("/begins")) return new Promise((_, reject) => whenAborted(reject));
  const start = (controller) => {
    controller.enqueue(new TextEncoder().encode('{"answer": "Bec'));
    whenAborted((reason) => controller.error(reason));
  };
  return new Response(new ReadableStream({ start }), { headers: { "content-type": "application/json" } });
};

const sent = [];
globalThis.fetch = async (url, init) => {
  const request = new Request(url, init);
  if (!request.url.startsWith("https://sqs.")) return upstream(request);
  const body = await request.json();
  sent.push({ url: request.url, headers: Object.fromEntries(request.headers), body });
  return Response.json({ Successful: body.Entries.map(({ Id }) => ({ Id })), Failed: [] });
};

const pyodide = await loadPyodide();
for (const name of ["src", "python_modules", "runtime"]) {
  pyodide.FS.mkdirTree(`/${name}`);
  pyodide.mountNodeFS(`/${name}`, join(folder, name));
}
const background = [];
// The runtime's own waitUntil takes promises; a Python awaitable outlives the call only as a copy.
const patchWaitUntil = (context) => {
  const waitUntil = context.waitUntil.bind(context);
  context.waitUntil = (work) => {
    const kept = work.copy();
    waitUntil(kept.then(() => kept.destroy()));
  };
};
pyodide.registerJsModule("_pyodide_entrypoint_helper", { patchWaitUntil, doAnImport: (name) => import(name) });
pyodide.registerJsModule("_cloudflare_compat_flags", {});
const call = pyodide.runPython(`
import sys
sys.path[:0] = ["/src", "/python_modules"]

import entry
from workers import python_from_rpc, python_to_rpc

async def call(context, env, method, argument):
    return python_to_rpc(await getattr(entry.Default(context, env), method)(python_from_rpc(argument)))

call
`);

const asked = ({ url, body }) => {
  const content = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": String(content.length) };
  visitor = new AbortController();
  return new Request(url, { method: "POST", headers, body: content, signal: visitor.signal });
};

const results = [];
for (const [method, argument] of calls) {
  const context = { waitUntil: (promise) => background.push(promise) };
  const given = method === "fetch" ? asked(argument) : argument;
  try {
    const value = await call(context, env, method, given);
    results.push({ value: value instanceof Response ? await value.json() : value });
  } catch (error) {
    results.push({ error: error.message });
  }
}
for (const work of background) await work; // it may bring more of its kind
console.log(JSON.stringify({ python: pyodide.runPython("sys.version"), results, sent }));
