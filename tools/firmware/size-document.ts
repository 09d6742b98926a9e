import type { Figures, ProgramSize } from "./size.ts";

/** Static memory and stack of the cart's image, together (FW-64). */
export const RAM_LIMIT = 27 * 1024;
/** Sizes may differ so much from the document before it has to be written anew. */
const TOLERANCE = 0.02;
/** Modules smaller than this differ by a few instructions, which is more than the tolerance and says nothing. */
const SMALLEST_HELD = 500;

const round = (value: number): string => value.toLocaleString("en-US");

/** docs/SIZE.md. */
export function sizeDocument({
  programs,
  bootStackMark,
  updateStackMark,
  bootInstructions,
  bootedImage,
}: Figures): string {
  return `# Sizes

Written by \`npm run firmware -- size\`; a test holds every number of bytes to within 2 %. RV32IMC, GCC 12 \`-Os\` (SHA-256 and
P-256 \`-O2\`), no C library. Flash is code and constants, RAM is variables; a module is the files of one name.

${programs.map(program).join("\n")}
## Stack

The deepest chain is computed from the compiler's call graph: a call through a pointer leads to the functions of its file's
tables, or where it has none to the HAL; there is no recursion. A mark is what was touched of a painted stack.

| program | stack | deepest chain | mark |
| --- | ---: | ---: | ---: |
${programs.map((each) => stackRow(each, each.program === "bootloader" ? `${round(bootStackMark)} (a boot)` : "")).join("\n")}
| update on the bench | 8,192 | | ${round(updateStackMark)} (update, verification, confirmation) |

${programs.map(({ program: name, deepest }) => `Deepest in \`${name}\`: ${deepest.chain.map((each) => `\`${each}\``).join(" → ")}.`).join("\n\n")}

## Boot

From reset to the image's own \`main\`, ${round(Math.round(bootInstructions / 1e5) / 10)} million instructions for an image of ${round(bootedImage)} bytes, two passes of two P-256
verifications each: about ${round(Math.round(bootInstructions / 160e3))} ms at the ESP32-C3's 160 MHz if each took one cycle.
`;
}

function program({ program: name, modules, flash, variables, stack }: ProgramSize): string {
  const rows = modules.map((each) => `| ${each.module} | ${round(each.flash)} | ${round(each.ram)} |`);
  return `## ${name}

| module | flash | RAM |
| --- | ---: | ---: |
${rows.join("\n")}
| stack | | ${round(stack)} |
| **total** | **${round(flash)}** | **${round(variables + stack)}** |
`;
}

function stackRow({ program: name, stack, deepest }: ProgramSize, mark: string): string {
  return `| ${name} | ${round(stack)} | ${round(deepest.bytes)} | ${mark} |`;
}

/** Rows of the document's tables by section and name, with their numbers. */
function numbersIn(document: string): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, readonly number[]>();
  let section = "";
  for (const line of document.split("\n")) {
    section = /^## (.*)$/.exec(line)?.[1] ?? section;
    const cells = line.startsWith("| ") ? line.slice(2).split(" | ") : [];
    const [name = "", ...values] = cells;
    if (values.length === 0 || name.startsWith("---")) continue;
    rows.set(
      `${section}: ${name}`,
      values.map((value) => Number.parseInt(value.replaceAll(/[^0-9(]/g, ""), 10) || 0),
    );
  }
  return rows;
}

/** What has changed by more than the document allows, a sentence each. */
export function sizeProblems(committed: string, figures: Figures): string[] {
  const problems: string[] = [];
  const cart = figures.programs.find(({ program: name }) => name === "cart");
  if (cart !== undefined && cart.variables + cart.stack > RAM_LIMIT)
    problems.push(`the cart's RAM is ${cart.variables + cart.stack} bytes; ${RAM_LIMIT} are allowed`);
  for (const each of figures.programs)
    if (each.deepest.bytes > each.stack) problems.push(`${each.program}'s deepest chain does not fit its stack`);
  const before = numbersIn(committed);
  const now = numbersIn(sizeDocument(figures));
  for (const [name, values] of now)
    for (const [i, value] of values.entries()) {
      const was = before.get(name)?.[i] ?? 0;
      if (Math.max(value, was) >= SMALLEST_HELD && Math.abs(value - was) > TOLERANCE * was)
        problems.push(`${name}: ${was} bytes in the document, ${value} now`);
    }
  for (const name of before.keys()) if (!now.has(name)) problems.push(`${name}: is no more`);
  return problems;
}
