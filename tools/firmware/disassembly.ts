import { execFileSync } from "node:child_process";

/** One instruction of a program. */
export interface Instruction {
  readonly address: number;
  /** Bytes: 2 where it is compressed. */
  readonly size: 2 | 4;
  readonly function: string;
  /** As the disassembler writes it. */
  readonly text: string;
}

/** Instructions of those functions whose name passes. */
export function instructionsOf(elf: string, isWanted: (name: string) => boolean): Instruction[] {
  const listing = execFileSync("riscv64-unknown-elf-objdump", ["-d", elf], { encoding: "utf8", maxBuffer: 1 << 27 });
  const found: Instruction[] = [];
  let name = "";
  for (const line of listing.split("\n")) {
    name = /^[0-9a-f]+ <([^>]+)>:$/.exec(line)?.[1] ?? name;
    const code = /^\s*([0-9a-f]+):\s+([0-9a-f]{4}|[0-9a-f]{8})\s+(.*)$/.exec(line);
    if (code === null || !isWanted(name)) continue;
    const [, address = "", bytes = "", text = ""] = code;
    found.push({
      address: Number.parseInt(address, 16),
      size: bytes.length === 4 ? 2 : 4,
      function: name,
      text: text.replaceAll(/\s+/g, " "),
    });
  }
  return found;
}

/** Addresses of a program's symbols. */
export function symbolsOf(elf: string): ReadonlyMap<string, number> {
  const listing = execFileSync("riscv64-unknown-elf-nm", [elf], { encoding: "utf8" });
  return new Map(
    listing
      .split("\n")
      .map((line) => line.split(" "))
      .filter((parts) => parts.length === 3)
      .map(([address = "", , name = ""]) => [name, Number.parseInt(address, 16)]),
  );
}
