import { importJWK, type CryptoKey as JoseKey, type JWK } from "jose";
import type { AuditAct, AuditProver } from "../../protocol/rooms/audit.ts";
import { secretBytes } from "./bytes.ts";
import type { Env } from "./env.ts";
import { keepLook } from "./looks.ts";
import type { Room } from "./room.ts";

/** What raw reads need beside the room: whom to believe, what seals a subject, and the log with its proofs. */
export interface RawReadDesk {
  readonly room: Room;
  /** The staff authority's public key: the only thing about staff that this room takes from its configuration. */
  readonly authority: JoseKey;
  readonly sealing: CryptoKey;
  /** The entry's index once it is durable and kept beside the person; undefined when nothing may be shown. */
  append(act: Pick<AuditAct, "success" | "on" | "detail">): Promise<number | undefined>;
  /** Null when the log has not sequenced the entry in time: it can be fetched by its index later. */
  proof(index: number): Promise<string | null>;
}

const keys = new WeakMap<Env, Pick<RawReadDesk, "authority" | "sealing">>();

/** @throws Error naming the secret that is of a wrong form */
export async function rawReadDesk(env: Env, room: Room): Promise<RawReadDesk> {
  const opened = keys.get(env) ?? (await importKeys(env));
  keys.set(env, opened);
  return {
    room,
    ...opened,
    append: async ({ success, on, detail }) => {
      const from = "ForOps.rawRead";
      const act: AuditAct = { who: "ops", kind: "raw_read", when: room.now(), success, from, on, detail: detail ?? {} };
      try {
        const appended = await env.AUDIT.append(act);
        if (!appended.ok) return undefined;
        await keepLook(room.entities, act, appended.value.index);
        return appended.value.index;
      } catch {
        console.error("identity: a raw read was not recorded");
        return undefined;
      }
    },
    proof: async (index) => {
      try {
        const proven = await (env.AUDIT as typeof env.AUDIT & AuditProver).proof(index);
        return proven.ok ? proven.value : null;
      } catch {
        return null;
      }
    },
  };
}

async function importKeys(env: Env): Promise<Pick<RawReadDesk, "authority" | "sealing">> {
  const sealing = secretBytes("RAW_READ_KEY", env.RAW_READ_KEY);
  return {
    authority: await importAuthority(env.STAFF_AUTHORITY_JWK),
    sealing: await crypto.subtle.importKey("raw", sealing, "AES-GCM", false, ["encrypt", "decrypt"]),
  };
}

async function importAuthority(jwk: string): Promise<JoseKey> {
  try {
    const { kty, crv, x, y } = JSON.parse(jwk) as JWK;
    if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined) throw new Error();
    return (await importJWK({ kty, crv, x, y }, "ES256")) as JoseKey;
  } catch {
    throw new Error("secret STAFF_AUTHORITY_JWK is not a public P-256 key");
  }
}
