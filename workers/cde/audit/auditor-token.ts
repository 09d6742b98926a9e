import { jwtVerify } from "jose";

const CLOCK_SKEW_SECONDS = 5;
/** A token reads a log for some minutes; it changes nothing, so it is not for one use. */
const LIFE_SECONDS = 600;

/** Whether a bearer token is the auditor's for this origin, signed with its client key (RFC 7523, 3). */
export async function auditorToken(
  authorization: string | null,
  key: CryptoKey,
  audience: string,
  now: number,
): Promise<boolean> {
  const token = /^Bearer ([A-Za-z0-9_.-]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return false;
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["ES256"],
      issuer: "auditor",
      subject: "auditor",
      audience,
      currentDate: new Date(now),
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ["exp"],
    });
    return (payload.exp ?? 0) - now / 1000 <= LIFE_SECONDS + CLOCK_SKEW_SECONDS;
  } catch {
    return false;
  }
}
