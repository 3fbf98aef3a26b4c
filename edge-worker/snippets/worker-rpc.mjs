// Another Cloudflare Worker, bound to this one as a service:
//   "services": [{ "binding": "ANALYTICS", "service": "edge-analytics-prod" }]
// No token, no HTTP, no further request that is billed.
export default {
  async fetch(request, env, ctx) {
    const { question, session } = await request.json();
    const answer = `You asked: ${question}`; // your chatbot
    const tracked = env.ANALYTICS.track({
      question,
      answer,
      session,
      ip: request.headers.get("cf-connecting-ip"),
      country: request.cf?.country,
      user_agent: request.headers.get("user-agent"),
    });
    ctx.waitUntil(tracked);
    return Response.json({ answer });
  },
};
