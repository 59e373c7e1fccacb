/** How many workspaces an answer is about, where there are more than the one that was named. */
export const countFact = (count: number): string | undefined =>
  count > 1 ? `${count} workspaces, with those below it` : undefined;
