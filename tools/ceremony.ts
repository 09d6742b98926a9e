// The key ceremony of a cell's card vault: two officers, a share each, one transcript. Each officer runs it on an own
// machine and sees the own share only; the CDE alone joins them, in memory.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Cell } from "../protocol/ids.ts";
import {
  KEY_ORDER_MAX_SECONDS,
  countersignKeyOrder,
  signKeyOrder,
  type SignedKeyOrder,
} from "../protocol/pay/key-order.ts";
import type { Custodian } from "../protocol/pay/key-shares.ts";
import { cellOf, needed, oneOf, readCommand, runCommand, TEXT, UsageError, wholeNumber } from "./command-line.ts";
import { confirmJoined } from "./ceremony/confirm.ts";
import { payOrigin, send, signerOf } from "./ceremony/custodian-client.ts";
import { makeOfficerKey, readOfficerKey } from "./ceremony/officer-key.ts";
import { makeShare } from "./ceremony/share.ts";
import { hashOf, publicPart, readTranscript, type Transcript } from "./ceremony/transcript.ts";
import { isComplete, verifyTranscript } from "./ceremony/verify.ts";

const USAGE = `npm run ceremony -- STEP [options]
  rehearse [--cell us|eu]                  both roles here, with marked artefacts (eu)
  key --name "FULL NAME" --key FILE        makes the officer's role key
  public --key FILE                        its public half, for the secret CUSTODIAN_A_JWK or CUSTODIAN_B_JWK
  share --as A|B --cell us|eu --version N --key FILE --shares FILE --transcript FILE
                                           makes a share: what wrangler secret put KEK_SHARE_A (or _B) reads
  confirm --as A|B --key FILE --transcript FILE --origin URL
                                           when both secrets are set: the CDE has joined them
  verify TRANSCRIPT                        without any door; ends with 1 when it does not hold
  record --as A|B --key FILE --transcript FILE --order FILE [--origin URL]
                                           signed by one, signed too and sent to the CDE's log by the other`;

const OPTIONS = {
  as: TEXT,
  cell: TEXT,
  key: TEXT,
  name: TEXT,
  order: TEXT,
  origin: TEXT,
  shares: TEXT,
  transcript: TEXT,
  version: TEXT,
};

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  async rehearse() {
    // Brings a Worker's runtime along: a real ceremony has no use for it.
    const { rehearse } = await import("./ceremony/rehearse.ts");
    const { folder, transcript } = await rehearse(cell("eu"), (line) => console.log(line));
    console.log(`A rehearsal, marked as one, in ${folder}\n  npm run ceremony -- verify ${transcript}`);
  },
  async key() {
    const { officer } = await makeOfficerKey(given("key"), given("name"), false);
    console.log(`Role key of ${officer}: ${given("key")}. It stays with that officer.`);
  },
  async public() {
    console.log(JSON.stringify(publicPart(readOfficerKey(given("key")).jwk)));
  },
  async share() {
    const version = wholeNumber("--version", values.version, 1, 1e9);
    const [key, shares, transcript] = [given("key"), given("shares"), given("transcript")];
    tell(await makeShare({ custodian: custodian(), cell: cell(), version, key, shares, transcript }, new Date()));
  },
  async confirm() {
    const wanted = { custodian: custodian(), key: given("key"), transcript: given("transcript") };
    tell(await confirmJoined(wanted, payOrigin(given("origin")), new Date()));
  },
  async verify() {
    const transcript = readTranscript(argument ?? given("transcript"));
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
    const transcript = readTranscript(given("transcript"));
    const [problem] = await verifyTranscript(transcript);
    if (problem !== undefined || !isComplete(transcript)) throw new Error(problem ?? "The transcript is not whole");
    const hash = hashOf(transcript);
    const signer = await signerOf(custodian(), readOfficerKey(given("key")));
    const file = given("order");
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
    await send(payOrigin(given("origin")), await countersignKeyOrder(order, signer));
    console.log(`The CDE has logged the transcript ${hash}`);
  },
};

const { values, step, argument } = readCommand({ usage: USAGE, options: OPTIONS, words: [0, 2] }, (read, words) => {
  const name = oneOf("STEP", words[0], Object.keys(STEPS));
  if (words[1] !== undefined && name !== "verify") throw new UsageError(`one word too many: ${words[1]}`);
  return { values: read, step: name, argument: words[1] };
});
await runCommand(USAGE, async () => STEPS[step]?.());

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

function given(name: keyof typeof values): string {
  return needed(name, values[name]);
}

function custodian(): Custodian {
  return oneOf("--as", given("as"), ["A", "B"]);
}

function cell(otherwise?: Cell): Cell {
  return cellOf(values.cell ?? otherwise);
}
