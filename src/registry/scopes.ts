/** What a token is asked for: https://distribution.github.io/distribution/spec/auth/scope/ */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly ("pull" | "push" | "delete")[];
}

export const pull = (repository: string): Scope => ({ repository, actions: ["pull"] });

export const push = (repository: string): Scope => ({ repository, actions: ["pull", "push"] });

export const remove = (repository: string): Scope => ({ repository, actions: ["pull", "push", "delete"] });

export const formatScope = ({ repository, actions }: Scope): string => `repository:${repository}:${actions.join(",")}`;

/** Whether a token for `granted` does for `wanted` too. */
export const covers = (granted: readonly Scope[], wanted: readonly Scope[]): boolean =>
  wanted.every(({ repository, actions }) =>
    actions.every((action) => granted.some((each) => each.repository === repository && each.actions.includes(action))),
  );
