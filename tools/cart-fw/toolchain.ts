import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ROOT } from "../platform/root.ts";

/** Debian's names of what the firmware needs, by what shows that it is there: a program, or a file. */
const NEEDED: readonly (readonly [shows: string, package_: string])[] = [
  ["gcc", "gcc"],
  ["cmake", "cmake"],
  ["ninja", "ninja-build"],
  ["riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"],
  ["qemu-system-riscv32", "qemu-system-misc"],
  ["gdb-multiarch", "gdb-multiarch"],
  ["clang-19", "clang-19"],
  ["llvm-cov-19", "llvm-19"],
  ["/usr/lib/llvm-19/lib/clang/19/lib/linux", "libclang-rt-19-dev"],
  ["/usr/include/openssl/evp.h", "libssl-dev"],
  ["/usr/include/bearssl.h", "libbearssl-dev"],
  ["cppcheck", "cppcheck"],
];

export const SCRIPT = "tools/cart-fw/install.sh";

/** Packages that are missing here; none where everything is there. */
export function missingPackages(has: (shows: string) => boolean = isThere): string[] {
  return NEEDED.filter(([shows]) => !has(shows)).map(([, name]) => name);
}

/**
 * Installs what is missing where this machine lets us: Debian or its kin, as root.
 * @returns null when the whole toolchain is there, else why it is not: the tests say so and skip.
 * @throws Error in CI, where a skip is a failure.
 */
export function ensureToolchain(): string | null {
  let missing = missingPackages();
  if (missing.length > 0 && existsSync("/usr/bin/apt-get") && process.getuid?.() === 0) {
    // One installs, the others wait for it: test files run side by side.
    spawnSync("flock", [join(tmpdir(), "cartwright-toolchain.lock"), "sh", join(ROOT, SCRIPT)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    missing = missingPackages();
  }
  if (missing.length === 0) return null;
  const why = `no firmware toolchain (${missing.join(", ")}): run ${SCRIPT} as root on Debian`;
  if (process.env["CI"]) throw new Error(why);
  return why;
}

function isThere(shows: string): boolean {
  if (shows.startsWith("/")) return existsSync(shows);
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, "/usr/bin"].some((folder) => existsSync(join(folder, shows)));
}
