// The key ceremony of a cell's card vault: two officers, a share each, one transcript. Each officer runs it on an own
// machine and sees the own share only; the CDE alone joins them, in memory.
//   npm run ceremony -- rehearse [--cell eu]                                  both roles here, with marked artefacts
//   npm run ceremony -- key --name "FULL NAME" --key FILE                     the officer's role key
//   npm run ceremony -- public --key FILE                                     for the secret CUSTODIAN_A_JWK or _B_
//   npm run ceremony -- share --as A|B --cell us|eu --version N --key FILE --shares FILE --transcript FILE
//   npm run ceremony -- confirm --as A|B --key FILE --transcript FILE --origin URL    when both secrets are set
//   npm run ceremony -- verify TRANSCRIPT
//   npm run ceremony -- record --as A|B --key FILE --transcript FILE --order FILE [--origin URL]   signed by one, sent by the other
// The share file is what `wrangler secret put KEK_SHARE_A` (or _B) reads.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Cell } from "../protocol/ids.ts";
import {
  KEY_ORDER_MAX_SECONDS,
  countersignKeyOrder,
  signKeyOrder,
  type SignedKeyOrder,
} from "../protocol/pay/key-order.ts";
import type { Custodian } from "../protocol/pay/key-shares.ts";
import { confirmJoined } from "./ceremony/confirm.ts";
import { payOrigin, send, signerOf } from "./ceremony/custodian-client.ts";
import { makeOfficerKey, readOfficerKey } from "./ceremony/officer-key.ts";
import { makeShare } from "./ceremony/share.ts";
import { hashOf, publicPart, readTranscript, type Transcript } from "./ceremony/transcript.ts";
import { isComplete, verifyTranscript } from "./ceremony/verify.ts";

const OPTIONS = {
  allowPositionals: true,
  options: {
    as: { type: "string" },
    cell: { type: "string" },
    key: { type: "string" },
    name: { type: "string" },
    order: { type: "string" },
    origin: { type: "string" },
    shares: { type: "string" },
    transcript: { type: "string" },
    version: { type: "string" },
  },
} as const;
const { values, positionals } = readArgs();

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  async rehearse() {
    // Brings a Worker's runtime along: a real ceremony has no use for it.
    const { rehearse } = await import("./ceremony/rehearse.ts");
    const { folder, transcript } = await rehearse(cell("eu"), (line) => console.log(line));
    console.log(`A rehearsal, marked as one, in ${folder}\n  npm run ceremony -- verify ${transcript}`);
  },
  async key() {
    const { officer } = await makeOfficerKey(needed("key"), needed("name"), false);
    console.log(`Role key of ${officer}: ${needed("key")}. It stays with that officer.`);
  },
  async public() {
    console.log(JSON.stringify(publicPart(readOfficerKey(needed("key")).jwk)));
  },
  async share() {
    const version = Number(needed("version"));
    if (!Number.isSafeInteger(version) || version < 1) throw new Error("--version is a whole number from 1");
    const [key, shares, transcript] = [needed("key"), needed("shares"), needed("transcript")];
    tell(await makeShare({ custodian: custodian(), cell: cell(), version, key, shares, transcript }, new Date()));
  },
  async confirm() {
    const wanted = { custodian: custodian(), key: needed("key"), transcript: needed("transcript") };
    tell(await confirmJoined(wanted, payOrigin(needed("origin")), new Date()));
  },
  async verify() {
    const transcript = readTranscript(positionals[1] ?? needed("transcript"));
    const problems = await verifyTranscript(transcript);
    tell(transcript);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
    else
      console.log(
        isComplete(transcript) ? "The ceremony is whole and holds." : "It holds so far; it is not whole yet.",
      );
  },
  async record() {
    const transcript = readTranscript(needed("transcript"));
    const [problem] = await verifyTranscript(transcript);
    if (problem !== undefined || !isComplete(transcript)) throw new Error(problem ?? "The transcript is not whole");
    const hash = hashOf(transcript);
    const signer = await signerOf(custodian(), readOfficerKey(needed("key")));
    const file = needed("order");
    if (!existsSync(file)) {
      const its = transcript.parts[0]?.statement.cell ?? "";
      const order = await signKeyOrder(
        { order: "record", transcript: hash },
        its,
        signer,
        Date.now(),
        KEY_ORDER_MAX_SECONDS,
      );
      writeFileSync(file, `${JSON.stringify(order)}\n`);
      return console.log(`Signed. The other officer signs and sends ${file} within the hour.`);
    }
    const order = JSON.parse(readFileSync(file, "utf8")) as SignedKeyOrder;
    if (!Buffer.from(order.payload, "base64url").includes(hash)) throw new Error(`${file} is not of this transcript`);
    await send(payOrigin(needed("origin")), await countersignKeyOrder(order, signer));
    console.log(`The CDE has logged the transcript ${hash}`);
  },
};

try {
  const step = STEPS[positionals[0] ?? ""];
  if (step === undefined) throw new Error(`npm run ceremony -- ${Object.keys(STEPS).join(" | ")}`);
  await step();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** What may be known of a ceremony: check values, people, times, hashes. */
function tell(transcript: Transcript): void {
  for (const { statement } of transcript.parts) {
    const { at, custodian: role, officer, rehearsal, version } = statement;
    const what =
      statement.step === "share"
        ? `made share ${role} (${statement.share_check})`
        : `saw the key joined (${statement.joined_check})`;
    console.log(
      `${at}  ${officer}, custodian ${role}, ${statement.cell} version ${version}: ${what}${rehearsal ? "  REHEARSAL" : ""}`,
    );
  }
  console.log(`Transcript ${hashOf(transcript)}`);
}

function needed(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is needed`);
  return value;
}

function custodian(): Custodian {
  const given = needed("as");
  if (given !== "A" && given !== "B") throw new Error("--as is A or B");
  return given;
}

function cell(otherwise?: Cell): Cell {
  const given = values.cell ?? otherwise;
  if (given !== "us" && given !== "eu") throw new Error("--cell is us or eu");
  return given;
}

function readArgs() {
  try {
    return parseArgs(OPTIONS);
  } catch (error) {
    console.error((error as Error).message.split(". ")[0]);
    console.error("npm run ceremony -- rehearse | key | public | share | confirm | verify | record");
    process.exit(2);
  }
}
