// Lambda@Edge, viewer request, "include body" on. It has no background work and no environment variables: the event
// is sent while the answer is made, and what is left to wait for is bounded.
const COLLECTOR = "https://analytics.example.com/v1/events";
const COLLECTOR_TOKEN = "put in by your deployment";

export async function handler({ Records: [{ cf: { request } }] }) {
  const started = Date.now();
  const header = (name) => request.headers[name]?.[0].value;
  const { question, session } = JSON.parse(Buffer.from(request.body.data, request.body.encoding));
  const answer = await answerTo(question);
  await fetch(COLLECTOR, {
    method: "POST",
    headers: { authorization: `Bearer ${COLLECTOR_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      events: [{
        question,
        answer,
        session,
        latency_ms: { total: Date.now() - started },
        ip: request.clientIp,
        country: header("cloudfront-viewer-country"),
        user_agent: header("user-agent"),
        language: header("accept-language"),
        referrer: header("referer"),
      }],
    }),
    signal: AbortSignal.timeout(500),
  }).catch((error) => console.error("event lost", error));
  return {
    status: "200",
    headers: { "content-type": [{ key: "Content-Type", value: "application/json" }] },
    body: JSON.stringify({ answer }),
  };
}

async function answerTo(question) {
  return `You asked: ${question}`; // your chatbot
}
