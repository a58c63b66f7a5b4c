import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What has gone through a proxy since it was last asked. */
export interface Traffic {
  readonly requests: number;
  /** Bytes of the requests' bodies. */
  readonly sent: number;
  readonly received: number;
  /** Requests by method and form of path. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface CountingProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Counts from zero again. */
  take(): Traffic;
  close(): Promise<void>;
}

const requestLine = /(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+ HTTP\/1\.1\r\n/g;

const newCounts = () => ({ requests: 0, sent: 0, received: 0, kinds: {} as Record<string, number> });

function headSize(chunk: Buffer, from: number): number {
  const end = chunk.indexOf("\r\n\r\n", from);
  return (end === -1 ? chunk.length : end + 4) - from;
}

const kindOf = (line: string): string =>
  line
    .replace(/ HTTP.*$/, "")
    .replace(/sha256[:-][0-9a-f]{64}/g, "DIGEST")
    .replace(/uploads\/[0-9a-f-]{36}.*$/, "uploads/ID")
    .replace(/(mount|from|digest)=[^&]*/g, "$1=")
    .replace(/s\d{4}/, "NAME")
    .replace(/1\.0-[\w-]+$/, "UNIQUE");

/** Hands bytes on to a server and counts them, for any client; requests are told by their first lines. */
export async function startProxy(target: string): Promise<CountingProxy> {
  const [host = "", port = ""] = target.split(":");
  let counts = newCounts();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    }
    client.on("data", (chunk: Buffer) => {
      counts.sent += chunk.length;
      for (const { 0: line, index } of chunk.length < 65536 ? chunk.toString("latin1").matchAll(requestLine) : []) {
        counts.requests += 1;
        counts.sent -= headSize(chunk, index);
        const kind = kindOf(line.trim());
        counts.kinds[kind] = (counts.kinds[kind] ?? 0) + 1;
      }
    });
    upstream.on("data", (chunk: Buffer) => (counts.received += chunk.length));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = counts;
      counts = newCounts();
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
