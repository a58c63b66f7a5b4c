/** What users get of one image-version, told by what went into it: versions of its data and of the interface. */
export interface Build {
  readonly data: number;
  readonly port: number;
}

/** What was left by a rollback; a part that is not in it is free. */
interface Left {
  readonly data: ReadonlySet<number>;
  readonly port: ReadonlySet<number>;
}

const free: Left = { data: new Set(), port: new Set() };

/**
 * What the stable tag of one image-version must point to, as the rules say it and nothing of the program does: it follows the
 * definition, but for what was rolled back (B36) and withdrawn (B37).
 */
export class ImageModel {
  build: Build | undefined;
  #left: Left = free;
  readonly published: Build[] = [];
  readonly withdrawn = new Set<string>();

  /** Whether a push of everything that differs would make a withdrawn build once more. */
  wouldBeWithdrawn(defined: Build): boolean {
    const next = this.#next(defined);
    return this.withdrawn.has(key(next)) && !(this.build && same(next, this.build));
  }

  /** The push was made. */
  follow(defined: Build): void {
    this.settle(this.#next(defined));
  }

  /** The tag is there now, whoever has brought it there. */
  settle(next: Build): void {
    const before = this.build;
    this.build = next;
    if (!this.published.some((each) => same(each, next))) this.published.push(next);
    if (before === undefined) return;
    if (next.data !== before.data) this.#left = free;
    else if (next.port !== before.port) this.#left = { ...this.#left, port: new Set() };
  }

  rolledBack(to: Build): void {
    const from = this.build;
    if (from === undefined) return;
    this.#left = {
      data: union(this.#left.data, from.data, to.data),
      port: union(this.#left.port, from.port, to.port),
    };
    this.build = to;
  }

  release(): void {
    this.#left = free;
  }

  get isHeld(): boolean {
    return this.#left.data.size + this.#left.port.size > 0;
  }

  #next(defined: Build): Build {
    if (this.build === undefined) return defined;
    const data = this.#left.data.has(defined.data) ? this.build.data : defined.data;
    const keepsPort = data === this.build.data && this.#left.port.has(defined.port);
    return { data, port: keepsPort ? this.build.port : defined.port };
  }
}

export const same = (a: Build, b: Build): boolean => a.data === b.data && a.port === b.port;

export const key = ({ data, port }: Build): string => `${data} ${port}`;

function union(left: ReadonlySet<number>, from: number, to: number): Set<number> {
  const all = new Set([...left, from]);
  all.delete(to);
  return all;
}
