import { expect, test } from "vitest";
import { LOYALTY, loyaltyNumber, person, startIdentity, valueOf } from "./room.ts";

test("a customer's id follows from nothing: the same person under the same keys has another in another store", async () => {
  const found: string[] = [];
  for (const _ of ["one", "another"]) {
    const identity = await startIdentity();
    try {
      valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
      valueOf(await identity.edge("profile", person("lea")));
      valueOf(
        await identity.ops("importMembers", [
          { loyalty: loyaltyNumber(1), email: "mia@mail.example", name: null, phone: null, nickname: null },
        ]),
      );
      const database = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
      const { results } = await database.prepare("SELECT id FROM customers").all<{ id: string }>();
      expect(results).toHaveLength(2);
      found.push(...results.map(({ id }) => id));
    } finally {
      await identity.room.stop();
    }
  }
  expect(new Set(found).size).toBe(4);
  // RFC 9562, version 4: 122 random bits and nothing else.
  for (const id of found) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
