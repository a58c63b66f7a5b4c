import { factOf } from "../contents/facts.ts";
import type { Change } from "./changes.ts";
import type { Sides } from "./names.ts";
import type { View } from "./view.ts";

/**
 * Whether a file that programs write for themselves still says what it said. What stands in it is met elsewhere as well: packages by
 * their versions, libraries and alternatives by what they lead to. A path counts as bookkeeping here alone: commands, modules and
 * modes below it are compared like any others.
 */
export function hasSameMeaning({ path, before }: Change, { before: science, after: composed }: Sides): boolean {
  if (before?.type !== "file") return false;
  if (derived.test(path)) return true;
  if (path === "etc/passwd") return keeps(lines(science, path), lines(composed, path));
  if (path === "etc/group") return keepsGroups(lines(science, path), lines(composed, path));
  if (accounts.test(path)) return keeps(digests(science, path), digests(composed, path));
  return false;
}

/** Databases of packages, what `ldconfig` found, caches and logs, and what an engine puts there when it starts a container. */
const derived = new RegExp(
  [
    "^var/lib/dpkg/(?:(?:status|available|diversions|statoverride)(?:-old)?|lock.*|(?:info|alternatives|triggers|updates)/.*)$",
    "^var/lib/(?:apt|dnf|yum)/.*",
    "^(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)/.*",
    "^(?:usr/)?lib/apk/db/.*|^etc/apk/world$",
    "^etc/(?:ld\\.so\\.cache|\\.pwd\\.lock|hostname|hosts|resolv\\.conf)$",
    "^var/(?:cache|log)/.*",
    "(?:^|/)\\.cache/.*",
    "(?:^|/)conda-meta/history$",
  ].join("|"),
);

/** Lists of accounts whose lines are kept as digests. */
export const accounts = /^etc\/(?:shadow|gshadow|subuid|subgid|(?:passwd|group|shadow|gshadow|subuid|subgid)-)$/;

function lines({ facts }: View, path: string): string[] {
  const entry = facts.index.get(path);
  const fact = entry && factOf(facts, entry);
  return fact?.kind === "text" ? fact.text.split("\n").filter((line) => line !== "") : [];
}

function digests({ facts }: View, path: string): readonly string[] {
  const entry = facts.index.get(path);
  const fact = entry && factOf(facts, entry);
  return fact?.kind === "lines" ? fact.digests : [];
}

function keeps(before: readonly string[], after: readonly string[]): boolean {
  const there = new Set(after);
  return before.every((line) => there.has(line));
}

/** A group may get members. */
function keepsGroups(before: readonly string[], after: readonly string[]): boolean {
  const there = new Map(
    after.map((line) => [line.split(":").slice(0, 3).join(":"), line.split(":")[3]?.split(",") ?? []]),
  );
  return before.every((line) => {
    const now = there.get(line.split(":").slice(0, 3).join(":"));
    return now !== undefined && keeps((line.split(":")[3] ?? "").split(",").filter(Boolean), now);
  });
}
