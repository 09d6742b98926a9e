import { answerCart } from "./cart/door.ts";
import { checkBindings, type Env } from "./env.ts";
import { answerPublic } from "./public.ts";

/** One origin for carts, apps and receipts. The cart's way is kept clear of everything that the others need. */
export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    checkBindings(env);
    const url = new URL(request.url);
    return url.pathname.startsWith("/cart/")
      ? answerCart(request, url.pathname + url.search, env, ctx)
      : answerPublic(request, url, env, ctx);
  },
};
