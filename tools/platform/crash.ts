import { readFileSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * Process ids of the workerd children of this process that keep their data below a folder: other cells' are left out.
 * Linux: read from /proc.
 */
export function workerdsOf(folder: string): number[] {
  const below = `${realpathSync(folder)}${sep}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOurWorkerd(pid) && hasOpen(pid, below));
}

function isOurWorkerd(pid: number): boolean {
  try {
    // `pid (comm) state ppid …`: comm may hold spaces, so it is read up to the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return name === "workerd" && parent === process.pid;
  } catch {
    return false;
  }
}

function hasOpen(pid: number, below: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return unlessGone(() => readdirSync(folder), []).some((fd) =>
    unlessGone(() => readlinkSync(join(folder, fd)), "").startsWith(below),
  );
}

/** Processes end and files are closed while the lists of them are read. */
function unlessGone<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch {
    return gone;
  }
}
