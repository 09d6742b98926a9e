import type { Call } from "./calls.ts";

/** A part of the front page: the calls whose path begins with one of these. */
interface Area {
  readonly id: string;
  readonly title: string;
  readonly paths: readonly `/${string}`[];
}

const AREAS: readonly Area[] = [
  { id: "stores", title: "Stores", paths: ["/admin/v1/stores", "/admin/v1/telemetry"] },
  { id: "members", title: "Loyalty members", paths: ["/admin/v1/loyalty-formats", "/admin/v1/members"] },
  { id: "carts", title: "Carts", paths: ["/admin/v1/fleet", "/staff/v1/carts"] },
  { id: "firmware", title: "Firmware", paths: ["/admin/v1/firmware"] },
  { id: "trips", title: "Trips and receipts", paths: ["/staff/v1/sessions", "/staff/v1/receipts"] },
  {
    id: "privacy-requests",
    title: "Privacy requests",
    paths: ["/staff/v1/privacy-requests", "/admin/v1/recipients", "/admin/v1/tombstones"],
  },
  { id: "raw-reads", title: "Raw reads", paths: ["/privacy/v1/raw-reads", "/privacy/v1/receipts"] },
  { id: "reviews", title: "Weekly reviews", paths: ["/privacy/v1/reviews"] },
  { id: "people", title: "Roster and SCC records", paths: ["/admin/v1/roster", "/privacy/v1/scc-records"] },
  { id: "keys", title: "Identity's keys", paths: ["/admin/v1/identity-keys"] },
  { id: "audit", title: "Audit log and incidents", paths: ["/admin/v1/audit", "/admin/v1/incidents"] },
];

const isIn = ({ paths }: Area, { path }: Call) => paths.some((start) => path === start || path.startsWith(`${start}/`));

/** The calls by area, in the page's order; a call of no area is in the last one, `other`. */
export function callsByArea(
  calls: readonly Call[],
): readonly (Omit<Area, "paths"> & { readonly calls: readonly Call[] })[] {
  const named = AREAS.map((area) => ({
    id: area.id,
    title: area.title,
    calls: calls.filter((call) => isIn(area, call)),
  }));
  const other = calls.filter((call) => !AREAS.some((area) => isIn(area, call)));
  return [...named, { id: "other", title: "Other", calls: other }].filter((area) => area.calls.length > 0);
}
