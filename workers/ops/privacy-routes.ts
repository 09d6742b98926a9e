import { dateIn } from "../../protocol/calendar/date.ts";
import { LAW_CALENDARS } from "../../protocol/calendar/deadlines.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { PrivacyOrder, PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import { answer } from "./answer.ts";
import { type Asked, body, type Handler, path } from "./asked.ts";
import type { PRIVACY_CALLS } from "./privacy-calls.ts";
import * as forms from "./privacy-forms.ts";
import { problem } from "./problem.ts";

/** The calls about privacy requests and the recipients of members' data. */
export const PRIVACY_HANDLERS: Readonly<Record<keyof typeof PRIVACY_CALLS, Handler>> = {
  putRecipient: (asked) =>
    path(asked, "retailer", forms.retailer, (retailer) =>
      body(asked, forms.recipient, async ({ store, jwk }) =>
        answer(await asked.env.IDENTITY.registerRecipient({ retailer, store, jwk }, asked.staff.id)),
      ),
    ),
  createLetterRequest: (asked) =>
    body(asked, forms.letter, async ({ loyalty, kind, law, receivedOn, correction }) => {
      const order = { kind, law: law ?? null, correction: (correction ?? null) as PrivacyOrder["correction"] };
      const created = await asked.env.IDENTITY.createLetterRequest(loyalty, order, receivedOn, asked.staff.id);
      if (!created.ok) return problem(CREATED[created.reason]);
      const status = await asked.env.TRIPS.startPrivacyRequest(created.value.request);
      return status.ok ? Response.json(shown(status.value), { status: 201 }) : stood(status);
    }),
  listPrivacyRequests: async (asked) => {
    const cursor = forms.listCursor.optional().safeParse(asked.query["cursor"]);
    const page = cursor.success ? await asked.env.IDENTITY.privacyRequestList(cursor.data ?? null) : fail("invalid");
    if (!page.ok)
      return page.reason === "invalid" ? problem("invalid_field", { field: "cursor" }) : problem(page.reason);
    const statuses = await Promise.all(
      page.value.requests.map(({ request }) => asked.env.TRIPS.privacyStatus(request)),
    );
    if (statuses.some((each) => !each.ok && each.reason === "unavailable")) return problem("unavailable");
    const requests = statuses.flatMap((each) => (each.ok ? [shown(each.value)] : []));
    const byDeadline = requests.toSorted((a, b) => (a.deadline < b.deadline ? -1 : 1));
    return answer(ok({ requests: byDeadline, next: page.value.next }));
  },
  seePrivacyRequest: (asked) => at(asked, (request) => asked.env.TRIPS.privacyStatus(request)),
  checkPrivacyIdentity: (asked) =>
    body(asked, forms.check, ({ how }) =>
      at(asked, (request) => asked.env.TRIPS.checkPrivacyIdentity(request, asked.staff.id, how)),
    ),
  confirmPrivacyReceipt: (asked) =>
    at(asked, (request) => asked.env.TRIPS.confirmPrivacyReceipt(request, asked.staff.id)),
  extendPrivacyRequest: (asked) =>
    body(asked, forms.extension, ({ reason }) =>
      at(asked, (request) => asked.env.TRIPS.extendPrivacyRequest(request, asked.staff.id, reason)),
    ),
  refusePrivacyRequest: (asked) =>
    body(asked, forms.refusal, ({ law }) =>
      at(asked, (request) => asked.env.TRIPS.refusePrivacyRequest(request, asked.staff.id, law)),
    ),
};

const CREATED = {
  unknown: "not_found",
  unavailable: "unavailable",
  invalid: "invalid",
  pan_detected: "pan_detected",
  open: "already_open",
} as const;

type Stood = Result<PrivacyStatus, "unknown" | "unavailable" | "state">;

function at(asked: Asked, ask: (request: string) => Promise<Stood>): Promise<Response> {
  return path(asked, "request", forms.requestId, async (request) => stood(await ask(request)));
}

function stood(status: Stood): Response {
  if (status.ok) return answer(ok(shown(status.value)));
  return problem(status.reason === "unknown" ? "not_found" : status.reason);
}

/** With what is late today, where the law counts its days. */
function shown(status: PrivacyStatus) {
  const today = dateIn(LAW_CALENDARS[status.law].timeZone, Date.now());
  const open = status.ended === null;
  const unconfirmed = open && status.confirmBy !== null && status.confirmedOn === null;
  const confirmationOverdue = unconfirmed && today > (status.confirmBy ?? "");
  return {
    ...status,
    confirmationOverdue,
    pastTarget: open && today > status.target,
    overdue: open && today > status.deadline,
  };
}
