// Stands in for Cloudflare's rate limiter: the same class name, method and strictness, and a limit without a period.
class Ratelimit {
  #most;
  #seen = new Map();

  constructor(most) {
    this.#most = most;
  }

  async limit(options) {
    const names = Object.keys(options);
    if (names.length !== 1 || typeof options.key !== "string") {
      throw new Error(`limit takes {key: string}, not an object of [${names}]`);
    }
    const seen = (this.#seen.get(options.key) ?? 0) + 1;
    this.#seen.set(options.key, seen);
    return { success: seen <= this.#most };
  }
}

export default (env) => new Ratelimit(Number(env.most));
