import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  SHARE_BYTES,
  readShares,
  shareCheck,
  type Custodian,
  type ShareRingText,
} from "../../protocol/pay/key-shares.ts";
import { readOfficerKey } from "./officer-key.ts";
import { EMPTY, append, publicPart, readTranscript, writeTranscript, type Transcript } from "./transcript.ts";
import { onePerson, verifyTranscript } from "./verify.ts";

export interface MakeShare {
  readonly custodian: Custodian;
  readonly cell: string;
  readonly version: number;
  /** The officer's role key file. */
  readonly key: string;
  /** The officer's share ring; made, or extended by this version. It never leaves this officer. */
  readonly shares: string;
  /** Made by the first officer, continued by the second. */
  readonly transcript: string;
}

/**
 * One officer's part: draws a share, keeps it in that officer's ring alone, and signs what may be known of it. Nothing
 * is written when anything is wrong, one person in both roles above all.
 * @throws Error saying what is wrong
 */
export async function makeShare(wanted: MakeShare, now: Date): Promise<Transcript> {
  const officer = readOfficerKey(wanted.key);
  const before = existsSync(wanted.transcript) ? readTranscript(wanted.transcript) : EMPTY;
  const ring = ringOf(wanted, officer.rehearsal);
  await checkSecond(before, wanted, officer.rehearsal);
  const other = before.parts.find((each) => each.statement.custodian !== wanted.custodian)?.statement;
  const me = { officer: officer.officer, role_key: publicPart(officer.jwk) };
  const [refusal] = other === undefined ? [] : onePerson(me, other);
  if (refusal !== undefined) throw new Error(`${refusal}: the two shares need two people`);

  const share = crypto.getRandomValues(new Uint8Array(SHARE_BYTES));
  const { custodian, cell, version } = wanted;
  const after = await append(before, officer, {
    step: "share",
    cell,
    version,
    rehearsal: officer.rehearsal,
    custodian,
    at: now.toISOString(),
    share_check: await shareCheck(custodian, version, share),
  });
  const shares = { ...ring.shares, [version]: Buffer.from(share).toString("base64") };
  share.fill(0);
  writeFileSync(wanted.shares, `${JSON.stringify({ ...ring, shares }, null, 1)}\n`, { mode: 0o600 });
  writeTranscript(wanted.transcript, after);
  return after;
}

async function checkSecond(before: Transcript, { custodian, cell, version }: MakeShare, rehearsal: boolean) {
  const [problem] = await verifyTranscript(before);
  if (problem !== undefined) throw new Error(`The transcript so far does not hold: ${problem}`);
  const [first] = before.parts;
  if (first === undefined) return;
  const { statement } = first;
  if (before.parts.length !== 1) throw new Error("The transcript has both shares already");
  if (statement.custodian === custodian) throw new Error(`The transcript has custodian ${custodian}'s share already`);
  if (statement.cell !== cell || statement.version !== version)
    throw new Error(`The transcript is of cell ${statement.cell}, version ${statement.version}`);
  if (statement.rehearsal !== rehearsal) throw new Error("A rehearsal's artefacts have no place in a real ceremony");
}

function ringOf({ shares: path, custodian, cell, version }: MakeShare, rehearsal: boolean): ShareRingText {
  if (!existsSync(path)) return { custodian, cell, rehearsal, shares: {} };
  const text = readFileSync(path, "utf8");
  const read = readShares(text);
  if (!read.ok || read.value.custodian === null) throw new Error(`${path} is no share ring`);
  const ring = read.value;
  if (ring.custodian !== custodian) throw new Error(`${path} is the other custodian's: this tool sees one share only`);
  if (ring.cell !== cell) throw new Error(`${path} is of cell ${ring.cell}`);
  if (ring.rehearsal !== rehearsal) throw new Error("A rehearsal's artefacts have no place in a real ceremony");
  if (ring.shares.has(version)) throw new Error(`${path} has a share of version ${version} already`);
  return JSON.parse(text) as ShareRingText;
}
