/** One way in which a text can lie among bytes. */
export interface TextForm {
  readonly form: string;
  readonly bytes: Buffer;
}

/** A text as UTF-8, as UTF-16 of either order, as base64 or base64url at each of the three alignments, and as hex. */
export function formsOf(text: string): TextForm[] {
  const plain = Buffer.from(text, "utf8");
  const wide = Buffer.from(text, "utf16le");
  const base64 = [0, 1, 2].flatMap((shift) => {
    const inner = base64At(plain, shift);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const written = [...new Set([...base64, plain.toString("hex"), plain.toString("hex").toUpperCase()])].map((each) => ({
    form: each,
    bytes: Buffer.from(each, "latin1"),
  }));
  return [
    { form: "UTF-8", bytes: plain },
    { form: "UTF-16LE", bytes: wide },
    { form: "UTF-16BE", bytes: Buffer.from(wide).swap16() },
    ...written,
  ];
}

/** The characters of base64 that stand for these bytes alone when `shift` bytes (modulo 3) come before them. */
function base64At(bytes: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
  const clean = Math.floor((whole.length * 8) / 6);
  return whole.toString("base64").slice(Math.ceil((shift * 8) / 6), clean);
}
