import { ok } from "../../protocol/result.ts";
import { answer } from "./answer.ts";
import { type Asked, body, type Handler, path } from "./asked.ts";
import { receiptReference } from "./forms.ts";
import type { PEOPLE_CALLS } from "./people-calls.ts";
import * as forms from "./people-forms.ts";
import { ask, list, see } from "./raw-read.ts";
import { approve, deny, view, withdraw } from "./raw-read-steps.ts";
import { decide, listReviews, seeReview } from "./review-decide.ts";
import { reviewDesk } from "./review-desk.ts";
import { listStaff, putStaff } from "./roster.ts";
import { listScc, putScc } from "./scc.ts";
import { staffDesk } from "./staff-desk.ts";

/** The calls about raw reads, the roster, SCC records and reviews. */
export const PEOPLE_HANDLERS: Readonly<Record<keyof typeof PEOPLE_CALLS, Handler>> = {
  putStaff: (asked) =>
    path(asked, "account", forms.account, (account) =>
      body(asked, forms.statement, async ({ statement }) =>
        answer(await putStaff(await deskOf(asked), asked.staff, account, statement)),
      ),
    ),
  listStaff: async (asked) => answer(ok({ staff: await listStaff(await deskOf(asked)) })),
  askRawRead: (asked) =>
    body(asked, forms.rawReadRequest, async (request) => answer(await ask(await deskOf(asked), asked.staff, request))),
  sessionOfReceipt: (asked) =>
    path(asked, "reference", receiptReference, async (reference) => {
      const session = await asked.env.STORES.sessionOf(reference);
      return answer(session.ok ? ok({ session: session.value }) : session);
    }),
  listRawReads: async (asked) => answer(ok({ requests: await list(await deskOf(asked), asked.staff) })),
  seeRawRead: (asked) =>
    path(asked, "request", forms.requestId, async (id) => answer(await see(await deskOf(asked), asked.staff, id))),
  approveRawRead: (asked) =>
    path(asked, "request", forms.requestId, (id) =>
      body(asked, forms.statement, async ({ statement }) =>
        answer(await approve(await deskOf(asked), asked.staff, id, statement)),
      ),
    ),
  denyRawRead: (asked) =>
    path(asked, "request", forms.requestId, (id) =>
      body(asked, forms.denial, async ({ reason }) => answer(await deny(await deskOf(asked), asked.staff, id, reason))),
    ),
  withdrawRawRead: (asked) =>
    path(asked, "request", forms.requestId, (id) =>
      body(asked, forms.withdrawal, async ({ reason }) =>
        answer(await withdraw(await deskOf(asked), asked.staff, id, reason)),
      ),
    ),
  viewRawRead: (asked) =>
    path(asked, "request", forms.requestId, (id) =>
      body(asked, forms.statement, async ({ statement }) =>
        answer(await view(await deskOf(asked), asked.staff, id, statement)),
      ),
    ),
  putScc: (asked) =>
    path(asked, "record", forms.sccId, (id) =>
      body(asked, forms.statement, async ({ statement }) =>
        answer(await putScc(await deskOf(asked), asked.staff, id, statement)),
      ),
    ),
  listScc: async (asked) => answer(ok({ records: await listScc(await deskOf(asked)) })),
  listReviews: async (asked) => answer(ok({ reviews: await listReviews(await deskOf(asked)) })),
  openReview: (asked) =>
    path(asked, "week", forms.week, (week) =>
      body(asked, forms.nothing, async () => answer(await reviewDesk(asked.env).open(week, Date.now()))),
    ),
  seeReview: (asked) =>
    path(asked, "week", forms.week, async (week) => answer(await seeReview(await deskOf(asked), week))),
  decideReview: (asked) =>
    path(asked, "week", forms.week, (week) =>
      path(asked, "item", forms.itemId, (item) =>
        body(asked, forms.reviewDecision, async (decision) =>
          answer(await decide(await deskOf(asked), asked.staff, { week, item }, decision)),
        ),
      ),
    ),
};

function deskOf({ env, route }: Asked) {
  return staffDesk(env, route, Date.now());
}
