// Deno and Deno Deploy: a promise that nobody awaits goes on after the response.
const COLLECTOR = "https://analytics.example.com/v1/events";

Deno.serve(async (request, info) => {
  const started = Date.now();
  const { question, session } = await request.json();
  const answer = await answerTo(question);
  record({
    question,
    answer,
    session,
    latency_ms: { total: Date.now() - started },
    ip: info.remoteAddr.hostname,
    user_agent: request.headers.get("user-agent"),
    language: request.headers.get("accept-language"),
    referrer: request.headers.get("referer"),
  });
  return Response.json({ answer });
});

function record(event) {
  fetch(COLLECTOR, {
    method: "POST",
    headers: { authorization: `Bearer ${Deno.env.get("COLLECTOR_TOKEN")}`, "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error) => console.error("event lost", error));
}

async function answerTo(question) {
  return `You asked: ${question}`; // your chatbot
}
