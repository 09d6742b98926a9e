/** Bytes of each module of a program, from the linker's map. */
export interface ModuleSize {
  readonly module: string;
  /** Code and constants. */
  flash: number;
  /** Variables. */
  ram: number;
}

/** ` .text.name  0x80000000  0x1c  libcore.a(ota.c.obj)`; a long name pushes the rest to the next line. */
const PLACED = /^ \.(text|rodata|srodata|data|sdata|bss|sbss)(?:\.\S+)?\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$/;

export function modulesIn(map: string): ModuleSize[] {
  const [, placed = map] = map.split("Linker script and memory map");
  const lines = placed.replaceAll(/^( \.\S+)\n\s+/gm, "$1 ").split("\n");
  const modules = new Map<string, ModuleSize>();
  for (const line of lines) {
    const [, section = "", size = "0", file = ""] = PLACED.exec(line) ?? [];
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0 || file === "") continue;
    const name = moduleOf(file);
    const module = modules.get(name) ?? { module: name, flash: 0, ram: 0 };
    if (/bss/.test(section)) module.ram += bytes;
    else module.flash += bytes;
    if (/data/.test(section) && !/rodata/.test(section)) module.ram += bytes;
    modules.set(name, module);
  }
  return [...modules.values()].sort((a, b) => b.flash + b.ram - (a.flash + a.ram) || (a.module < b.module ? -1 : 1));
}

/** `libcore.a(ota_slot.c.obj)` is the core's `ota`: what stands before the first underscore is one module's. */
function moduleOf(file: string): string {
  const name = /([\w.-]+?)(?:\.c|\.S)?\.obj?\)?$/.exec(file)?.[1] ?? file;
  if (/libgcc/.test(file)) return "gcc: 64-bit arithmetic";
  const folder = /libboot/.test(file) ? "boot" : /libcore/.test(file) ? "core" : "port";
  return `${folder}/${name.split("_")[0]}`;
}
