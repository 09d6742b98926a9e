import { formsOf } from "../../tools/residency/text-forms.ts";
import { filesBelow } from "./fixture.ts";

/** A text that was found where it must not be, and how it was written there. */
export interface Trace {
  readonly path: string;
  readonly text: string;
  readonly form: string;
  readonly around?: string;
}

/**
 * Where any of these texts lies below a folder, databases' write-ahead logs and free pages included: as UTF-8, as
 * UTF-16 of either order, as base64 or base64url at each of the three alignments, and as hex.
 */
export function findTraces(folder: string, texts: readonly string[]): Trace[] {
  const needles = texts.flatMap((text) => formsOf(text).map(({ form, bytes }) => ({ text, form, bytes })));
  return filesBelow(folder).flatMap(({ path, bytes: content }) =>
    needles.flatMap(({ text, form, bytes }) => {
      const at = content.indexOf(bytes);
      return at < 0 ? [] : [{ path, text, form, around: shown(content.subarray(Math.max(0, at - 40), at + 60)) }];
    }),
  );
}

/** What lies around a hit, so that chance can be told from a leak. */
function shown(bytes: Buffer): string {
  return bytes.toString("latin1").replaceAll(/[^ -~]/g, "·");
}

const SEPARATORS = "[ \\t.,/_-]{0,3}";

/**
 * Where card numbers lie below a folder, however their digits are grouped: in ASCII and UTF-16 with separators
 * between them, in the forms of `findTraces`, and as a number: 64 bits of either order, or packed decimal.
 */
export function findCardNumbers(folder: string, numbers: readonly string[]): Trace[] {
  const narrow = numbers.map((text) => ({ text, form: new RegExp(text.split("").join(SEPARATORS)) }));
  const grouped = filesBelow(folder).flatMap(({ path, bytes }) => {
    const ascii = bytes.toString("latin1");
    // Every second byte, from either end: UTF-16 of ASCII text becomes that text.
    const halves = [0, 1].map((from) => Buffer.from(bytes.filter((_, at) => at % 2 === from)).toString("latin1"));
    return [ascii, ...halves].flatMap((content) =>
      narrow.flatMap(({ text, form }) => (form.test(content) ? [{ path, text, form: "digits" }] : [])),
    );
  });
  const packed = numbers.flatMap((text) => numericForms(text).map((bytes) => ({ text, bytes })));
  const binary = filesBelow(folder).flatMap(({ path, bytes: content }) =>
    packed.flatMap(({ text, bytes }) => (content.includes(bytes) ? [{ path, text, form: "number" }] : [])),
  );
  return [...grouped, ...binary, ...findTraces(folder, numbers)];
}

function numericForms(digits: string): Buffer[] {
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(BigInt(digits));
  // Without the zeros at its head, as databases store integers.
  const first = big.findIndex((byte) => byte !== 0);
  const little = Buffer.alloc(8);
  little.writeBigUInt64LE(BigInt(digits));
  return [big.subarray(first), little.subarray(0, 8 - first), packedDecimal(digits)];
}

const packedDecimal = (digits: string): Buffer =>
  Buffer.from(digits.padEnd(digits.length + (digits.length % 2), "f"), "hex");
