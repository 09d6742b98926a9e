import { passesLuhn } from "../card/number.ts";

/** A 16-digit number of a Visa range with a right check digit, made of `seed`; nobody's that is known. */
export function visaNumber(seed: number): string {
  const body = `400000${String(seed % 1_000_000_000).padStart(9, "0")}`;
  for (let digit = 0; digit < 10; digit++) if (passesLuhn(`${body}${digit}`)) return `${body}${digit}`;
  throw new Error("no check digit");
}
