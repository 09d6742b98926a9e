// Two people look at one record, as demo staff of a cell that is running (`npm start`). The demo's keys stand in for hardware
// keys and lie in the cell's state; the roster has nobody's name.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { decodeJwt } from "jose";
import { RAW_PURPOSES, type RawRead, type RawSubject } from "../protocol/rooms/raw-read.ts";
import type { StaffRole } from "../protocol/rooms/staff.ts";
import { subjectDigest } from "../protocol/staff/raw-read.ts";
import { cellOf, oneOf, readCommand, runCommand, TEXT, UsageError } from "./command-line.ts";
import { cellKeys } from "./platform/keys.ts";
import { PORTS } from "./platform/rooms.ts";
import { keysFile, stateRoot } from "./platform/state.ts";
import { letterPage } from "./staff/access-page.ts";
import { OpsError, staffClient } from "./staff/client.ts";
import { DEMO_STAFF } from "./staff/demo-staff.ts";
import { openAnswer, signApproval, type SignedRequest, signRequest, signView } from "./staff/raw-read.ts";

const USAGE = `npm run raw-read -- STEP [options]
  request --loyalty NUMBER   by staff-1; or of --session ID, --receipt REFERENCE, --privacy-request ID
    --fields A,B             which fields (name); access_file for the file of an access request by letter
    --purpose PURPOSE        ${Object.keys(RAW_PURPOSES).join(", ")} (customer_callback)
    --ticket TICKET          where the reason is written down (CRM-1)
  list                       what waits
  approve ID                 by staff-2
  deny ID                    by staff-2
  withdraw ID                by staff-1
  view ID                    by staff-1: once, and only with both signatures
    --page FILE              writes an access file as a page, to print and send it
  reviews [WEEK]             by staff-3: the weekly reviews, or one with its items
  decide WEEK ITEM           by staff-3: "in order"
for every step:
  --cell us|eu               which cell (eu)
  --as ACCOUNT               another of the demo's staff
  --origin URL               the cell's ops origin (this machine's)
  --state DIR                the platform's state (.state)`;
/** How many words each step takes after its name: least and most. */
const STEPS = {
  request: [0, 0],
  list: [0, 0],
  approve: [1, 1],
  deny: [1, 1],
  withdraw: [1, 1],
  view: [1, 1],
  reviews: [0, 1],
  decide: [2, 2],
} as const;
const READS = "/privacy/v1/raw-reads";
const REVIEWS = "/privacy/v1/reviews";

/** What a refusal's code means to who reads it here. */
const WHY: Readonly<Record<string, string>> = {
  state: "The request is not where this step begins: see npm run raw-read -- list.",
  used: "It has been viewed: an approval is good for one view.",
  expired: "Its time is over: ask again.",
  unknown_subject: "Nobody in cell CELL is meant by it: a number of the other cell needs --cell.",
  same_human: "Who asks does not approve: let another member of staff do it, by --as.",
};

/** Which demo identity does what, unless `--as` says another. */
const ACTORS: Readonly<Record<string, string>> = {
  approve: "staff-2",
  deny: "staff-2",
  reviews: "staff-3",
  decide: "staff-3",
};

interface Seen {
  readonly id: string;
  readonly statement: string;
  readonly approval: string | null;
  readonly expires: number;
  readonly subject: RawSubject | null;
}

const { step, id, item, values } = readArgs();
await runCommand(USAGE, main, (error) => (error instanceof OpsError ? toldOf(error) : (error as Error).message));

function toldOf({ status, code, message }: OpsError): string {
  if (status === 0) return message;
  const why = WHY[code];
  return `The ops door refuses: ${message}${why === undefined ? "" : `\n${why.replace("CELL", values.cell)}`}`;
}

function readArgs() {
  const options = {
    cell: { ...TEXT, default: "eu" },
    as: TEXT,
    loyalty: TEXT,
    session: TEXT,
    receipt: TEXT,
    "privacy-request": TEXT,
    fields: { ...TEXT, default: "name" },
    purpose: { ...TEXT, default: "customer_callback" },
    ticket: { ...TEXT, default: "CRM-1" },
    page: TEXT,
    origin: TEXT,
    state: { ...TEXT, default: stateRoot() },
  };
  return readCommand({ usage: USAGE, options, words: [0, 3] }, (given, [name, ...words]) => {
    const wanted = oneOf("STEP", name, Object.keys(STEPS) as (keyof typeof STEPS)[]);
    const [least, most] = STEPS[wanted];
    if (words.length < least || words.length > most) throw new UsageError(`${wanted} takes other words than these`);
    const purpose = oneOf("--purpose", given.purpose, Object.keys(RAW_PURPOSES));
    return {
      step: wanted,
      id: words[0] ?? "",
      item: words[1] ?? "",
      values: { ...given, cell: cellOf(given.cell), purpose },
    };
  });
}

async function main(): Promise<void> {
  const { cell } = values;
  const file = keysFile(cell, values.state);
  if (!existsSync(file)) throw new Error(`${file} is not there: start the platform first`);
  const { outside } = await cellKeys(cell, file);
  const account = values.as ?? ACTORS[step] ?? "staff-1";
  const jwk = outside.staffKeys.byAccount[account];
  if (jwk === undefined)
    throw new Error(`no demo identity ${account}: ${DEMO_STAFF.map((each) => each.account).join(", ")}`);
  const roles: readonly StaffRole[] = DEMO_STAFF.find((each) => each.account === account)?.roles ?? [];
  const origin = values.origin ?? `http://127.0.0.1:${PORTS[cell].ops}`;
  const ops = staffClient({ cell, origin, signingJwk: outside.staffSigningJwk, staff: account, roles });
  const by = { account, jwk };
  const see = async (): Promise<SignedRequest & Seen> => {
    const seen = await ops.get<Seen>(`${READS}/${id}`);
    return { ...seen, expires: seen.expires / 1000, subject: seen.subject ?? { kind: "loyalty", value: "", salt: "" } };
  };

  switch (step) {
    case "request": {
      const { fields, purpose, ticket } = values;
      const { session } =
        values.receipt === undefined
          ? values
          : await ops.get<{ session: string }>(`/privacy/v1/receipts/${values.receipt}/session`);
      const ask = { subject: subjectOf({ ...values, session }), fields: fields.split(","), purpose, ticket };
      const request = await signRequest(cell, by, ask);
      await ops.post(READS, { statement: request.statement, subject: request.subject });
      return console.log(
        `${account} asks: ${request.id}\nnow: npm run raw-read -- approve ${request.id} --cell ${cell}`,
      );
    }
    case "list":
      return print(await ops.get(READS));
    case "approve": {
      const request = await see();
      await showAsked(request);
      await ops.post(`${READS}/${id}/approval`, { statement: await signApproval(cell, by, request) });
      return console.log(`${account} approves: ${id}\nnow: npm run raw-read -- view ${id} --cell ${cell}`);
    }
    case "deny":
      await ops.post(`${READS}/${id}/denial`, { reason: "not_needed" });
      return console.log(`${account} denies: ${id}`);
    case "withdraw":
      await ops.post(`${READS}/${id}/withdrawal`, { reason: "mistake" });
      return console.log(`${account} withdraws: ${id}`);
    case "view": {
      const request = await see();
      if (values.page !== undefined) startPage(values.page, request);
      const order = await signView(cell, by, request, request.approval ?? "");
      const { sealed, proof } = await ops
        .post<RawRead>(`${READS}/${id}/view`, { statement: order.statement })
        .catch((error: unknown) => {
          if (values.page !== undefined) rmSync(values.page);
          throw error;
        });
      const opened = await openAnswer(sealed, order.privateJwk);
      if (values.page === undefined) print(opened);
      else writeFileSync(values.page, await letterPage(opened.fields["access_file"]));
      return console.log(proof ?? "the audit log has not sequenced the entry yet");
    }
    case "reviews":
      return print(await ops.get(id === "" ? REVIEWS : `${REVIEWS}/${id}`));
    case "decide":
      await ops.post(`${REVIEWS}/${id}/items/${item}/decision`, { decision: "in_order" });
      return console.log(`${account} finds item ${item} of ${id} in order`);
  }
}

/** What the approver signs for, from the signed request itself and not from what the door says beside it. */
async function showAsked({ statement, subject }: SignedRequest): Promise<void> {
  const claims = decodeJwt<{ subject: { digest: string }; fields: string[]; purpose: string; ticket: string }>(
    statement,
  );
  if ((await subjectDigest(subject)) !== claims.subject.digest)
    throw new Error("the door shows another subject than the one that was signed: not approved");
  console.log(`${claims.iss} asks for ${claims.fields.join(", ")} of ${subject.kind} ${subject.value}`);
  console.log(`for ${claims.purpose}, by ${claims.ticket}`);
}

/** Before the one view is used up. The page is for the eyes of who prints it: it is the whole person. */
function startPage(file: string, { statement }: SignedRequest): void {
  if (!decodeJwt<{ fields: string[] }>(statement).fields.includes("access_file"))
    throw new Error("--page is for an access file, which was not asked for");
  writeFileSync(file, "", { mode: 0o600, flag: "wx" });
}

function subjectOf(values: {
  readonly loyalty?: string | undefined;
  readonly session?: string | undefined;
  readonly "privacy-request"?: string | undefined;
}): Pick<RawSubject, "kind" | "value"> {
  const { loyalty, session, "privacy-request": request } = values;
  if (loyalty !== undefined) return { kind: "loyalty", value: loyalty };
  if (session !== undefined) return { kind: "session", value: session };
  if (request !== undefined) return { kind: "privacy_request", value: request };
  throw new UsageError("--loyalty, --session, --receipt or --privacy-request says whom it is about");
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
