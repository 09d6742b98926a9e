/** The closed set of refusals at the ops door, the rooms' reasons included, and the one map to HTTP. */
export const PROBLEMS = {
  untrusted_record: [403, "A record is not signed by whom it must be"],
  ended: [403, "An account or a record has ended, or is not the newest"],
  wrong_role: [403, "A record does not have the role that this needs"],
  same_human: [403, "Nobody approves their own request, from no account"],
  same_key: [403, "The second person needs a key of their own"],
  scc_required: [403, "No SCC record of this cell allows this"],
  own_part: [403, "Nobody reviews what they took part in"],
  unknown_subject: [404, "The subject leads to nobody"],
  expired: [409, "The statement is over"],
  used: [409, "The approval has been used"],
  needed: [409, "Records are under this version of the key"],
  writing: [409, "This version of the key writes, or did so a minute ago"],
  not_over: [409, "The week is not over"],
  older_version: [409, "A newer version is kept"],
  key_of_another: [409, "The key is another human's"],
  roles_conflict: [409, "Who edits the roster approves nothing"],
  bad_signature: [422, "The statement is not signed by its person's key"],
  malformed_statement: [422, "The statement has not the form that it must have"],
  wrong_audience: [422, "The statement is for another cell or act"],
  too_long: [422, "The statement would hold for too long"],
  unknown_purpose: [422, "The purpose is not in the list"],
  unknown_field: [422, "A field is not in the list"],
  field_not_for_purpose: [422, "The purpose does not need a field that is asked for"],
  no_access_file: [422, "The subject is no access request by letter that is done and whose file is there"],
  other_request: [422, "The statement is of another request"],
  other_subject: [422, "The subject is not the one that was signed"],
  malformed: [400, "The body can't be read"],
  invalid_token: [401, "A staff token of this cell is needed"],
  forbidden: [403, "The token's roles do not allow this call"],
  not_in_manifest: [403, "The factory's manifest does not list this serial"],
  not_found: [404, "There is nothing here"],
  unknown: [404, "The fleet does not know this cart"],
  unknown_release: [404, "No such firmware release or rollout"],
  unknown_version: [404, "There is no such version of this key"],
  unknown_store: [404, "This cell has no such store"],
  unknown_receipt: [404, "This cell has no such receipt"],
  no_session: [404, "There is no such session"],
  no_hold: [404, "The session has no such hold"],
  method_not_allowed: [405, "The method is not for this path"],
  state: [409, "The state of the session or the request does not allow this"],
  already_open: [409, "A privacy request of this kind is open already"],
  too_many: [409, "More than was sold and has not been taken back"],
  refused: [409, "The processor or the POS refused; nothing has moved"],
  key_mismatch: [409, "The manifest lists another key for this serial"],
  revoked: [409, "The cart has been revoked"],
  unknown_image: [409, "The image of this release is not there yet"],
  version_taken: [409, "Another image of this hardware has this version"],
  rollout_open: [409, "Another rollout for this hardware is open"],
  policy: [409, "The attestation policy does not accept this image"],
  downgrade: [409, "A release with a higher security counter was rolled out before"],
  conflict: [409, "The log is another than the one that was cosigned"],
  currency_fixed: [409, "A store's currency can't be changed"],
  too_large: [413, "The body is larger than this call takes"],
  unsupported_media_type: [415, "The body has not the media type of this call"],
  idempotency_mismatch: [422, "The Idempotency-Key was used for another refund"],
  invalid_field: [422, "A field has not the form that it must have"],
  image_mismatch: [422, "The image is not the one that its digest and size name"],
  malformed_manifest: [422, "The manifest has not the form that it must have"],
  signatures: [422, "The manifest is not signed by both signers, each with their own key"],
  invalid: [422, "The values are not acceptable"],
  bad_request: [422, "The certification request is not well formed, or not signed by its own key"],
  bad_header: [422, "The first line does not name the catalogue's columns"],
  template_conflict: [422, "Two barcode templates match the same number"],
  pan_detected: [422, "A field holds what may be a card number; nothing was kept"],
  overlaps_card_range: [422, "Numbers of this format could be card numbers"],
  internal: [500, "The platform has made a mistake"],
  unavailable: [503, "A part of the platform does not answer; try again later"],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Seconds after which `unavailable` may be tried again. */
const RETRY_AFTER = 5;

/**
 * RFC 9457 with the headers that its status asks for (RFC 9110, RFC 6750 3).
 * @param field the path of a field of ours, e.g. `terminals.0`; never anything that was sent
 */
export function problem(code: ProblemCode, extra: { field?: string; headers?: HeadersInit } = {}): Response {
  const [status, title] = PROBLEMS[code];
  const headers = new Headers(extra.headers);
  headers.set("content-type", "application/problem+json");
  if (code === "unavailable") headers.set("retry-after", String(RETRY_AFTER));
  const field = extra.field === undefined ? {} : { field: extra.field };
  return new Response(JSON.stringify({ type: "about:blank", title, status, code, ...field }), { status, headers });
}
