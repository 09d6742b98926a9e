import type { Call } from "./calls.ts";

/** Raw reads, the roster, SCC records and the reviews: two people, and who they are. */
export const PEOPLE_CALLS = {
  putStaff: {
    method: "PUT",
    path: "/admin/v1/roster/:account",
    roles: ["people_admin"],
    what: "Add, change or end an account of the roster, as the staff authority signed it",
  },
  listStaff: {
    method: "GET",
    path: "/admin/v1/roster",
    roles: ["people_admin", "auditor", "dpo"],
    what: "List the roster's signed records",
  },
  askRawRead: {
    method: "POST",
    path: "/privacy/v1/raw-reads",
    roles: ["privacy"],
    foreign: true,
    what: "Ask to see named fields of one person, by a signed request",
  },
  sessionOfReceipt: {
    method: "GET",
    path: "/privacy/v1/receipts/:reference/session",
    roles: ["privacy"],
    what: "Find the trip of a receipt, to name its shopper by",
  },
  listRawReads: {
    method: "GET",
    path: "/privacy/v1/raw-reads",
    roles: ["privacy", "privacy_approver", "auditor"],
    foreign: true,
    what: "List raw-read requests; staff of another cell see tickets and states",
  },
  seeRawRead: {
    method: "GET",
    path: "/privacy/v1/raw-reads/:request",
    roles: ["privacy", "privacy_approver"],
    foreign: true,
    what: "See one request, and whom it is about if you asked or may approve",
  },
  approveRawRead: {
    method: "POST",
    path: "/privacy/v1/raw-reads/:request/approval",
    roles: ["privacy_approver"],
    what: "Approve another human's request, by a signed approval",
  },
  denyRawRead: {
    method: "POST",
    path: "/privacy/v1/raw-reads/:request/denial",
    roles: ["privacy_approver"],
    what: "Deny a request, naming the reason",
  },
  withdrawRawRead: {
    method: "POST",
    path: "/privacy/v1/raw-reads/:request/withdrawal",
    roles: ["privacy"],
    foreign: true,
    what: "Withdraw a request of one's own, naming the reason",
  },
  viewRawRead: {
    method: "POST",
    path: "/privacy/v1/raw-reads/:request/view",
    roles: ["privacy"],
    foreign: true,
    what: "View the approved fields once, sealed for the key that a signed order names",
  },
  putScc: {
    method: "PUT",
    path: "/privacy/v1/scc-records/:record",
    roles: ["dpo"],
    what: "Add, change or end an SCC record, as the data-protection officer signed it",
  },
  listScc: {
    method: "GET",
    path: "/privacy/v1/scc-records",
    roles: ["dpo", "auditor"],
    what: "List the SCC records",
  },
  listReviews: {
    method: "GET",
    path: "/privacy/v1/reviews",
    roles: ["reviewer", "auditor", "dpo"],
    what: "List the weekly reviews, the overdue first",
  },
  openReview: {
    method: "POST",
    path: "/privacy/v1/reviews/:week/opening",
    roles: ["reviewer"],
    what: "Open the review of a week that is over, if the desk has not done so",
  },
  seeReview: {
    method: "GET",
    path: "/privacy/v1/reviews/:week",
    roles: ["reviewer", "auditor", "dpo"],
    what: "See a week's review, item by item",
  },
  decideReview: {
    method: "POST",
    path: "/privacy/v1/reviews/:week/items/:item/decision",
    roles: ["reviewer"],
    what: "Decide an item of a review in which one took no part",
  },
} as const satisfies Readonly<Record<string, Call>>;
