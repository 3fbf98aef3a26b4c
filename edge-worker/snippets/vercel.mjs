// Vercel Edge Function: the answer leaves first, the event after it.
const COLLECTOR = "https://analytics.example.com/v1/events";

export const config = { runtime: "edge" };

export default async function handler(request, context) {
  const started = Date.now();
  const { question, session } = await request.json();
  const answer = await answerTo(question);
  context.waitUntil(
    fetch(COLLECTOR, {
      method: "POST",
      headers: { authorization: `Bearer ${process.env.COLLECTOR_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({
        events: [{
          question,
          answer,
          session,
          latency_ms: { total: Date.now() - started },
          ip: request.headers.get("x-real-ip"),
          country: request.headers.get("x-vercel-ip-country"),
          user_agent: request.headers.get("user-agent"),
          language: request.headers.get("accept-language"),
          referrer: request.headers.get("referer"),
        }],
      }),
      signal: AbortSignal.timeout(10_000),
    }).catch((error) => console.error("event lost", error)),
  );
  return Response.json({ answer });
}

async function answerTo(question) {
  return `You asked: ${question}`; // your chatbot
}
