import { isIP } from "node:net";
import { AssembleError } from "./assemble-error.ts";

/** Reads the arguments of EXPOSE, `80`, `53/udp`, `8000-8010`, also with an address or ports of a host before a colon, as `80/tcp` each. */
export function exposedPorts(words: readonly string[]): string[] {
  const ports = words.flatMap((word) => expand(word));
  return [...new Set(ports)].sort();
}

function expand(word: string): string[] {
  const [address = "", protocol = "", ...rest] = word.split("/");
  const parts = address.split(":");
  const ports = portRange(parts.pop() ?? "");
  if (!ports || rest.length > 0 || !isHost(parts, ports))
    throw new AssembleError(`"${word}" is not a port; write 8888, 8888/udp or 8000-8010`);
  if (!/^(?:tcp|udp|sctp|)$/i.test(protocol)) throw new AssembleError(`"${protocol}" is not tcp, udp or sctp`);
  const [from, to] = ports;
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}/${protocol.toLowerCase() || "tcp"}`);
}

type PortRange = readonly [from: number, to: number];

function portRange(text: string): PortRange | undefined {
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = [Number(first), Number(last)] as const;
  return first !== "" && range[0] <= range[1] && range[1] <= 65535 ? range : undefined;
}

/** Nothing, ports, or an address and ports. As many as there are of the container's, or one of the container and any number. */
function isHost(parts: readonly string[], [from, to]: PortRange): boolean {
  if (parts.length === 0) return true;
  const written = parts.at(-1) ?? "";
  const ip = parts
    .slice(0, -1)
    .join(":")
    .replace(/^\[(.*)\]$/, "$1");
  if (ip !== "" && isIP(ip) === 0) return false;
  const ports = written === "" ? ([from, to] as const) : portRange(written);
  return ports !== undefined && (ports[1] - ports[0] === to - from || from === to);
}
