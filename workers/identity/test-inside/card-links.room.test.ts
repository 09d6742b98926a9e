import { afterAll, beforeAll, expect, test } from "vitest";
import type { Profile } from "../../../protocol/rooms/identity.ts";
import { accountOf, showProfile } from "../accounts.ts";
import { linkCard } from "../card-links.ts";
import { byCard } from "../identify.ts";
import { isolate } from "./isolate-under-test.ts";
import { addMethod, listMethods, removeMethod } from "../payment-methods.ts";
import type { PersonKey } from "../person-key.ts";
import type { Room } from "../room.ts";
import { cardReference, formToken } from "../test/card-statements.ts";
import { type IdentityUnderTest, newTrip, numberOf, person, startIdentity, valueOf } from "../test/room.ts";

const KEYS = {
  IDENTITY_KEK: Buffer.alloc(32, 21).toString("base64"),
  IDENTITY_INDEX_KEY: Buffer.alloc(32, 41).toString("base64"),
};

let identity: IdentityUnderTest;
let room: Room;
beforeAll(async () => {
  identity = await startIdentity(undefined, undefined, KEYS);
  room = await isolate(identity, KEYS);
});
afterAll(() => identity.room.stop());

const keyOf = async (who: string): Promise<PersonKey> =>
  valueOf(await accountOf(room, person(who), "profile_show", "")).key;

/** A room in which something else happens just before its next batch. */
const interrupted = (before: () => Promise<unknown>): Promise<Room> => {
  let open = true;
  return isolate(identity, KEYS, {
    entities: (real) =>
      ({
        prepare: (text: string) => real.prepare(text),
        batch: async (statements: D1PreparedStatement[]) => {
          if (open) {
            open = false;
            await before();
          }
          return real.batch(statements);
        },
      }) as unknown as D1Database,
  });
};

test("an account that lets its card go while another takes it keeps its own key", async () => {
  const [bea, ada] = [await keyOf("bea"), await keyOf("ada")];
  const { id } = valueOf(await addMethod(room, person("bea"), await formToken(1)));
  const racing = await interrupted(async () => valueOf(await removeMethod(room, person("bea"), id)));
  expect(await linkCard(racing, ada, cardReference(1))).toBe(true);
  expect(await room.keys.exists(bea.person)).toBe(true);
  expect(valueOf<Profile>(await showProfile(room, person("bea"))).email).toBe("bea@mail.example");
  expect(valueOf(await listMethods(room, person("bea")))).toEqual([]);
});

test("the anonymous holder whose card an account takes is forgotten, key and all", async () => {
  numberOf(await byCard(room, newTrip(), cardReference(2)));
  const holder = await identity.room.miniflare
    .getD1Database("ENTITIES", identity.room.worker)
    .then((real) => real.prepare("SELECT id FROM customers WHERE kind = 'card_holder'").first<{ id: string }>());
  const person = (holder?.id ?? "") as PersonKey["person"];
  expect(await room.keys.exists(person)).toBe(true);
  expect(await linkCard(room, await keyOf("cai"), cardReference(2))).toBe(true);
  expect(await room.keys.exists(person)).toBe(false);
  expect(await identity.rows("ENTITIES")).not.toContain(person);
});
