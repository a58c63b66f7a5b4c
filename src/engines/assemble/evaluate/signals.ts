/** Whether STOPSIGNAL takes it: a number other than 0, or the name of a signal of Linux, in any case and with or without SIG. */
export function isSignal(text: string): boolean {
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text) !== 0;
  const name = text.toUpperCase().replace(/^SIG/, "");
  const [, edge, distance] = /^RT(MIN\+|MAX-)(\d\d?)$/.exec(name) ?? [];
  if (distance === undefined) return names.has(name);
  return !distance.startsWith("0") && Number(distance) <= (edge === "MIN+" ? 15 : 14);
}

const names: ReadonlySet<string> = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS " +
    "TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
  ).split(" "),
);
