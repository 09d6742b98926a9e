import { Hono } from "hono";
import { jsx } from "hono/jsx";
import type { OpsContext } from "./access.ts";
import { checkEnv, type Env } from "./env.ts";
import { FrontPage, STYLE } from "./front-page.tsx";
import { problem } from "./problem.ts";
import { reviewDesk } from "./review-desk.ts";
import { route } from "./routes.ts";
import { securityHeaders } from "./security-headers.ts";

const app = new Hono<OpsContext>();

app.use(securityHeaders);
app.use(async (c, next) => {
  checkEnv(c.env);
  await next();
});
app.get("/", (c) => c.html(`<!doctype html>${String(jsx(FrontPage, { cell: c.env.CELL }))}`));
app.get("/style.css", (c) => c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8" }));
route(app);
app.notFound(() => problem("not_found"));
app.onError((error) => {
  // The name alone: a message may repeat what was sent.
  console.error("ops: unexpected", error.name);
  return problem("internal");
});

export { ReviewDesk } from "./review-desk.ts";

export default {
  fetch: app.fetch,
  async scheduled(event, env): Promise<void> {
    await reviewDesk(env).nudge(event.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
