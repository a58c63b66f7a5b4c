import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";

/** More images than this with one and the same problem are told as one: a login that is missing is missing for all. */
const most = 3;

/** Each problem once, and what is said of many images in the same words as one problem with a note for each. */
export function groupProblems(problems: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const problem of new Map(problems.map((each) => [JSON.stringify(each), each])).values()) {
    const key = sameness(problem);
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  return [...groups].flatMap(([key, group]) => (group.length > most ? [together(key, group)] : group));
}

const unreadable = /^(\S+) cannot be read: ([^]*)$/;

const sameness = ({ code, message }: Diagnostic): string => unreadable.exec(message)?.[2] ?? `${code} ${message}`;

function together(why: string, group: readonly Diagnostic[]): Diagnostic {
  const [first] = group;
  const names = group.flatMap(({ message }) => unreadable.exec(message)?.[1] ?? []);
  const notes = [...(first?.notes ?? []), ...names.map((message) => ({ message }))];
  const help = first?.help === undefined ? {} : { help: first.help };
  return error("unreadable-images", `${group.length} images or lists of tags cannot be read: ${why}`, {
    notes,
    ...help,
  });
}
