import type { Custodian } from "../../protocol/pay/key-shares.ts";
import { signerOf, statusFrom, type Send } from "./custodian-client.ts";
import { readOfficerKey } from "./officer-key.ts";
import { append, readTranscript, writeTranscript, type Transcript } from "./transcript.ts";
import { verifyTranscript } from "./verify.ts";

/**
 * When both secrets are set: asks the CDE, which alone ever has both shares, for the check values of what it joined in
 * memory, and signs that they are of the two shares that were made.
 * @throws Error saying what does not fit
 */
export async function confirmJoined(
  wanted: { readonly custodian: Custodian; readonly key: string; readonly transcript: string },
  to: Send,
  now: Date,
): Promise<Transcript> {
  const officer = readOfficerKey(wanted.key);
  const before = readTranscript(wanted.transcript);
  const [problem] = await verifyTranscript(before);
  if (problem !== undefined) throw new Error(`The transcript so far does not hold: ${problem}`);
  const [first] = before.parts;
  if (first === undefined || before.parts.length < 2) throw new Error("The transcript lacks a share");
  const { cell, version, rehearsal } = first.statement;
  if (officer.rehearsal !== rehearsal) throw new Error("A rehearsal's artefacts have no place in a real ceremony");

  const status = await statusFrom(to, cell, await signerOf(wanted.custodian, officer), now);
  const waiting = status.waiting.find((each) => each.version === version);
  if (waiting !== undefined)
    throw new Error(`The CDE has no share of custodian ${waiting.missing} of version ${version}`);
  const kek = status.key_encryption_keys.find((each) => each.version === version);
  if (kek === undefined) throw new Error(`The CDE has no key of version ${version}`);
  const after = await append(before, officer, {
    step: "joined",
    cell,
    version,
    rehearsal,
    custodian: wanted.custodian,
    at: now.toISOString(),
    share_a_check: kek.share_a_check,
    share_b_check: kek.share_b_check,
    joined_check: kek.check,
  });
  const [wrong] = await verifyTranscript(after);
  if (wrong !== undefined) throw new Error(wrong);
  writeTranscript(wanted.transcript, after);
  return after;
}
