import { AssembleError } from "./assemble-error.ts";

/** Works out the permission bits of a file or folder from those it has. */
export type ModeChange = (mode: number, isFolder: boolean) => number;

/** Reads `--chmod`: octal up to 7777, or the symbolic form of chmod(1) such as `u=rwX,go=rX`. */
export function parseMode(text: string): ModeChange {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777) {
    const mode = Number.parseInt(text, 8);
    return () => mode;
  }
  if (/^[0-9]/.test(text)) {
    throw new AssembleError(`--chmod=${text} is not a mode; write an octal number between 0 and 07777`);
  }
  const changes = text.split(",").flatMap(parseClause);
  return (mode, isFolder) => changes.reduce((bits, change) => change(bits, isFolder), mode);
}

function parseClause(clause: string): ModeChange[] {
  const parts = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(clause);
  if (!parts) throw new AssembleError(`--chmod: "${clause}" is not a mode; write 0644 or u=rw,go=r`);
  const who = parts[1] === "" || parts[1]?.includes("a") ? "ugo" : (parts[1] ?? "");
  const actions = [...(parts[2] ?? "").matchAll(/([-+=])([ugo](?![rwxXst])|[rwxXst]*)/g)];
  return actions.map(([, operator = "", what = ""]) => applyAction(who, operator, what));
}

function applyAction(who: string, operator: string, what: string): ModeChange {
  return (mode, isFolder) => {
    const bits = who.split("").reduce((all, each) => all | bitsFor(each, what, mode, isFolder), 0);
    if (operator === "+") return mode | bits;
    if (operator === "-") return mode & ~bits;
    const cleared = who.split("").reduce((all, each) => all | (masks[each] ?? 0), who.length === 3 ? 0o1000 : 0);
    return (mode & ~cleared) | bits;
  };
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const masks: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007 };

function bitsFor(who: string, what: string, mode: number, isFolder: boolean): number {
  const shift = shifts[who] ?? 0;
  if (what.length === 1 && what in shifts) return ((mode >> (shifts[what] ?? 0)) & 7) << shift;
  let bits = 0;
  if (what.includes("r")) bits |= 4 << shift;
  if (what.includes("w")) bits |= 2 << shift;
  if (what.includes("x") || (what.includes("X") && (isFolder || (mode & 0o111) !== 0))) bits |= 1 << shift;
  if (what.includes("s")) bits |= who === "u" ? 0o4000 : who === "g" ? 0o2000 : 0;
  if (what.includes("t")) bits |= 0o1000;
  return bits;
}
