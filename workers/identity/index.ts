import type { Env } from "./env.ts";

/*
 * The only room that binds both tiers (PRD-PII-11). A door for each room that calls it; nothing else comes in.
 */
export { ForSessions } from "./sessions-door.ts";
export { ForPayments } from "./payments-door.ts";
export { ForEdge } from "./edge-door.ts";
export { ForOps } from "./ops-door.ts";
export { ForRights } from "./privacy-door.ts";

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler<Env>;
