/** A workspace as far as it says who may be brought back. */
interface Member {
  readonly id: string;
  readonly parentId: string | null;
  readonly status: string;
}

/** It has lost its machine, and nobody brings it back while something above it is paused. */
export function isHeldUp({ status, parentId }: Member, all: readonly Member[]): boolean {
  if (status !== 'offline') return false;
  for (let at = parentId; at !== null;) {
    const above = all.find(({ id }) => id === at);
    if (above?.status === 'paused') return true;
    at = above?.parentId ?? null;
  }
  return false;
}
