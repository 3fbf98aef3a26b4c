// Serves the files of `public/` before the Worker is asked, as Workers' static assets do at Cloudflare.
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };

export default {
  async fetch(request, env) {
    if (request.method === "GET" || request.method === "HEAD") {
      const { pathname } = new URL(request.url);
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      const type = TYPES[name.split(".").at(-1)];
      const file = type && (await env.PUBLIC.fetch(`http://public/${name}`, { method: request.method }));
      if (file?.ok) return new Response(file.body, { headers: { "content-type": `${type}; charset=utf-8` } });
    }
    return env.WORKER.fetch(request);
  },
};
