import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countersignKeyOrder, signKeyOrder } from "../../protocol/pay/key-order.ts";
import { CUSTODIANS, type Custodian } from "../../protocol/pay/key-shares.ts";
import type { Cell } from "../../protocol/ids.ts";
import { cellKeys } from "../platform/keys.ts";
import { startRoom } from "../platform/room-under-test.ts";
import { confirmJoined } from "./confirm.ts";
import { send, signerOf, type Send } from "./custodian-client.ts";
import { makeOfficerKey, readOfficerKey } from "./officer-key.ts";
import { makeShare } from "./share.ts";
import { hashOf, publicPart, readTranscript } from "./transcript.ts";
import { verifyTranscript } from "./verify.ts";

export interface Rehearsal {
  readonly folder: string;
  readonly transcript: string;
  readonly joinedCheck: string;
  readonly hash: string;
}

/**
 * A whole ceremony with both roles played here, in folders apart, against a CDE of its own. What it leaves is marked:
 * a deployed CDE refuses a rehearsal's shares.
 * @param say a line for the people who rehearse
 */
export async function rehearse(cell: Cell, say: (line: string) => void): Promise<Rehearsal> {
  const folder = mkdtempSync(join(tmpdir(), "cartwright-ceremony-rehearsal-"));
  const transcript = join(folder, "transcript.json");
  const files = (custodian: Custodian) => {
    const own = join(folder, `officer-${custodian.toLowerCase()}`);
    return { custodian, own, key: join(own, "role-key.json"), shares: join(own, "shares.json"), transcript };
  };
  for (const custodian of CUSTODIANS) {
    const mine = files(custodian);
    mkdirSync(mine.own, { mode: 0o700 });
    await makeOfficerKey(mine.key, `Rehearsing Officer ${custodian}`, true);
    const { parts } = await makeShare({ ...mine, cell, version: 1 }, new Date());
    const made = parts.at(-1)?.statement;
    say(`Officer ${custodian} made a share: check value ${made?.step === "share" ? made.share_check : ""}`);
    if (custodian === "A") {
      const both = { ...files("B"), key: mine.key, shares: join(mine.own, "other.json"), cell, version: 1 };
      const refused = await makeShare(both, new Date()).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
      if (refused === undefined) throw new Error("one person could play both roles");
      say(`Officer A tried to make the other share too, and was refused: ${refused}`);
    }
  }

  const keyOf = (custodian: Custodian) => readOfficerKey(files(custodian).key);
  const publicKey = (custodian: Custodian) => JSON.stringify(publicPart(keyOf(custodian).jwk));
  const demo = await cellKeys(cell, join(folder, "cde-keys.json"));
  const cde = await startRoom("cde", {
    cell,
    secrets: {
      ...demo.secrets,
      KEK_SHARE_A: readFileSync(files("A").shares, "utf8"),
      KEK_SHARE_B: readFileSync(files("B").shares, "utf8"),
      CUSTODIAN_A_JWK: publicKey("A"),
      CUSTODIAN_B_JWK: publicKey("B"),
    },
    vars: { PAY_ORIGIN: "http://127.0.0.1:1", PROCESSOR_ORIGIN: "http://127.0.0.1:1" },
  });
  const to: Send = (path, init) => cde.fetch(path, init);
  try {
    for (const custodian of CUSTODIANS) await confirmJoined(files(custodian), to, new Date());
    const done = readTranscript(transcript);
    const [problem] = await verifyTranscript(done);
    const last = done.parts.at(-1)?.statement;
    if (problem !== undefined || last?.step !== "joined") throw new Error(problem ?? "the key was not joined");
    say(`The CDE joined the shares in memory: check value ${last.joined_check}`);
    const hash = hashOf(done);
    const record = await signKeyOrder(
      { order: "record", transcript: hash },
      cell,
      await signerOf("A", keyOf("A")),
      Date.now(),
    );
    await send(to, await countersignKeyOrder(record, await signerOf("B", keyOf("B"))));
    say(`Both signed, and the CDE logged the transcript: ${hash}`);
    return { folder, transcript, joinedCheck: last.joined_check, hash };
  } finally {
    await cde.stop();
  }
}
