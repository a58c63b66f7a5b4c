import type { Case, CaseFile } from "./model.ts";

/** What most cases copy from. */
export const tree = {
  "app/main.py": "print(1)\n",
  "app/run.sh": { text: "#!/bin/sh\n", mode: 0o755 },
  "app/lib/a.txt": "a",
  "app/lib/b.md": "b",
  "app/lib/deep/c.txt": "c",
  "app/link": { link: "main.py" },
  "app/dangling": { link: "/no/where" },
  "app/folder": { link: "lib" },
  "one.txt": "one",
  "two.txt": "two",
} as const satisfies Record<string, CaseFile>;

/** On `BASE`. */
export const copy = (
  title: string,
  lines: string,
  files: Readonly<Record<string, CaseFile>> = tree,
  differs?: string,
): Case => ({
  title,
  dockerfile: `FROM BASE\n${lines}\n`,
  files,
  ...(differs !== undefined && { differs }),
});

/** On `BASE`, without files. */
export const config = (title: string, lines: string, args?: Record<string, string>): Case => ({
  title,
  dockerfile: `FROM BASE\n${lines}\n`,
  ...(args && { args }),
});
