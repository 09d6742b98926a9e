/** GS1 Application Identifiers (General Specifications 3.2) that may stand on goods in a shop. */
export interface AiFormat {
  /** The identifier's digits, with the fourth one that counts decimals. */
  readonly ai: string;
  readonly value: RegExp;
}

/** Invariant part of ISO/IEC 646: CSET 82 (General Specifications 7.11). */
const X = String.raw`[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]`;
const text = (max: number) => new RegExp(`^${X}{1,${max}}$`);
const digits = (min: number, max = min) => new RegExp(`^[0-9]{${min},${max}}$`);

const FORMATS: readonly (readonly [ai: RegExp, value: RegExp])[] = [
  [/^00/, digits(18)],
  [/^0[123]/, digits(14)],
  [/^10/, text(20)],
  [/^1[123567]/, digits(6)],
  [/^20/, digits(2)],
  [/^2[12]/, text(20)],
  [/^24[013]/, text(30)],
  [/^25[014]/, text(30)],
  [/^30/, digits(1, 8)],
  [/^3[1-6][0-9][0-9]/, digits(6)],
  [/^37/, digits(1, 8)],
  [/^390[0-9]/, digits(1, 15)],
  [/^391[0-9]/, digits(4, 18)],
  [/^392[0-9]/, digits(1, 15)],
  [/^393[0-9]/, digits(4, 18)],
  [/^394[0-3]/, digits(4)],
  [/^395[0-9]/, digits(6)],
  [/^41[0-7]/, digits(13)],
  [/^42[246]/, digits(3)],
  [/^42[35]/, digits(3, 15)],
  [/^7003/, digits(10)],
  [/^8005/, digits(6)],
  [/^9[0-9]/, text(90)],
];

/** Length of identifier and value together where no separator follows, by the first two digits (Figure 7.8.5-2). */
const PREDEFINED: readonly (readonly [first: RegExp, length: number])[] = [
  [/^00/, 20],
  [/^0[123]/, 16],
  [/^04/, 18],
  [/^1[1-9]/, 8],
  [/^20/, 4],
  [/^3[1-6]/, 10],
  [/^41/, 16],
];

/** The identifier that `element` begins with, or null when it is none of ours. */
export function formatOf(element: string): AiFormat | null {
  for (const [form, value] of FORMATS) {
    const ai = form.exec(element)?.[0];
    if (ai !== undefined) return { ai, value };
  }
  return null;
}

export function predefinedLength(element: string): number | null {
  return PREDEFINED.find(([first]) => first.test(element))?.[1] ?? null;
}
