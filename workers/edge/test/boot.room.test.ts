import { expect, it } from "vitest";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { neighbours } from "./neighbours.ts";

it("a Worker with a binding missing serves nothing, its front page no more than a cart", async () => {
  const room = await startRoom("edge", { neighbours, vars: { OIDC_AUDIENCE: "" } });
  try {
    for (const init of [{ method: "GET" }, { method: "POST", body: "x" }]) {
      const path = init.method === "GET" ? "/" : "/cart/v1/hello";
      const answer = await room.fetch(path, init).then(
        ({ status }) => status,
        (error: unknown) => String(error),
      );
      expect([path, String(answer)]).toEqual([path, expect.stringMatching(/500|binding OIDC_AUDIENCE is missing/)]);
    }
  } finally {
    await room.stop();
  }
});
