import { dockerHub } from "../oci/reference.ts";

/** Where a registry's API is: https, except for loopback and for the hosts that were said to be insecure. */
export function originOf(host: string, insecure: readonly string[]): string {
  const server = host === dockerHub ? "registry-1.docker.io" : host;
  return `${mayBePlain(server, insecure) ? "http" : "https"}://${server}`;
}

/** Whether plain http is allowed to a host. */
export const mayBePlain = (host: string, insecure: readonly string[]): boolean =>
  insecure.includes(host) || isLoopback(hostname(host));

export const isLoopback = (name: string): boolean =>
  name === "localhost" ||
  name.endsWith(".localhost") ||
  /^127(\.\d{1,3}){3}$/.test(name) ||
  name === "[::1]" ||
  name === "::1";

const hostname = (host: string): string => host.replace(/:\d+$/, "");
