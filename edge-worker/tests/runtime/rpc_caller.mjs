// A Worker that calls this one by RPC, one method with one argument for each request, and passes the result on.
export default {
  async fetch(request, env) {
    const { method, argument } = await request.json();
    try {
      return Response.json({ value: await env.ANALYTICS[method](argument) });
    } catch (error) {
      return Response.json({ error: String(error) });
    }
  },
};
