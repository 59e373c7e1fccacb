import type { Cloud } from '../testing/clouds/index.ts';
import type { Stage } from './stage.ts';

/** A machine that a cloud runs, and whose it is. */
export interface SeenMachine {
  readonly id: string;
  readonly workspace: string;
}

/** A box of the ledger that is not gone. */
export interface SeenBox {
  readonly id: string;
  readonly workspace_name: string | null;
  readonly state: string;
}

/** An operation, as the API tells it. */
export interface SeenOperation {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly failure: { readonly code: string; readonly text: string } | null;
  readonly steps: readonly { readonly step: string; readonly state: string }[];
}

/** How things stand between two acts: what the clouds have, and what Holdfast says. */
export interface Scene {
  readonly clouds: readonly { readonly name: Cloud['name']; readonly machines: readonly SeenMachine[] }[];
  /** The status of each workspace, by name. */
  readonly status: Readonly<Record<string, string>>;
  /** The operation that was asked for last. */
  readonly latest: SeenOperation | undefined;
  readonly boxes: readonly SeenBox[];
}

/** Looks at everything once. */
export async function look({ clouds, api }: Stage): Promise<Scene> {
  const get = async <T>(path: string): Promise<T> => (await api.call('GET', path)).body as unknown as T;
  const [workspaces, [newest], boxes] = await Promise.all([
    get<readonly { name: string; status: string }[]>('/workspaces'),
    get<readonly { id: string }[]>('/operations?limit=1'),
    get<readonly SeenBox[]>('/boxes'),
  ]);
  // A machine names its box in what it boots from.
  const whose = (userData: string): string =>
    boxes.find(({ id }) => userData.includes(id))?.workspace_name ?? 'nobody of the ledger';
  return {
    clouds: clouds.map((cloud) => ({
      name: cloud.name,
      machines: cloud.machines().map(({ id, userData }) => ({ id, workspace: whose(userData) })),
    })),
    status: Object.fromEntries(workspaces.map(({ name, status }) => [name, status])),
    latest: newest && (await get<SeenOperation>(`/operations/${newest.id}`)),
    boxes,
  };
}

/** The clouds in which a workspace has machines, once for each of them. */
export const placesOf = ({ clouds }: Scene, workspace: string): string[] =>
  clouds.flatMap(({ name, machines }) => machines.flatMap((machine) => (machine.workspace === workspace ? name : [])));

/** The clouds side by side, a line each. */
export const cloudLines = ({ clouds }: Scene): string[] =>
  clouds.map(({ name, machines }) =>
    [
      name.padEnd(8),
      machines.length === 0 ? '–' : machines.map(({ id, workspace }) => `${workspace} (${id})`).join('  '),
    ].join(' '),
  );
