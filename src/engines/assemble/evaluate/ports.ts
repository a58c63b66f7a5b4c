import { AssembleError } from "./assemble-error.ts";

/** Reads the arguments of EXPOSE, `80`, `53/udp`, `8000-8010`, also with an address before a colon, as `80/tcp` each. */
export function exposedPorts(words: readonly string[]): string[] {
  const ports = words.flatMap((word) => expand(word));
  return [...new Set(ports)].sort();
}

function expand(word: string): string[] {
  const [range = "", protocol = "tcp", ...rest] = word.split("/");
  const container = range.slice(range.lastIndexOf(":") + 1);
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(container) ?? [];
  const [from, to] = [Number(first), Number(last)];
  const isRight = first !== "" && from <= to && to <= 65535 && rest.length === 0;
  if (!isRight) throw new AssembleError(`"${word}" is not a port; write 8888, 8888/udp or 8000-8010`);
  if (!/^(?:tcp|udp|sctp)$/i.test(protocol)) throw new AssembleError(`"${protocol}" is not tcp, udp or sctp`);
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}/${protocol.toLowerCase()}`);
}
