import type { BoxMachine, CloudRig } from '@holdfast/infra/testing/system/cloud-rig';
import type { Database } from '@holdfast/prisma';
import type { BackendKind, CloudProvider } from '@holdfast/workflows/box/box';
import type { Folder } from './folder-backend.ts';
import { owner } from './host-boxes.ts';

export interface RealBox {
  readonly boxId: string;
  readonly workspaceId: string;
}

/** A box that nobody has asked for lately, and the cloud it is in where there are clouds. */
export interface LeftBox extends RealBox {
  readonly provider: CloudProvider;
}

/** What is really there, whoever believes what. */
export interface Reality {
  readonly backend: BackendKind;
  boxesOf(workspaceId: string): Promise<readonly RealBox[]>;
  /** Leaves a box behind, as an operation does that could not stop it. */
  leave(box: LeftBox): Promise<void>;
}

/** Boxes that are files. */
export const folderReality = (folder: Folder): Reality => ({
  backend: 'process',
  boxesOf: (id) => Promise.resolve(folder.boxes().filter(({ workspaceId }) => workspaceId === id)),
  leave: ({ boxId, workspaceId }) => Promise.resolve(folder.put({ boxId, workspaceId, born: 0, token: '' })),
});

/** Boxes that are machines in clouds. */
export function cloudReality(db: Database, rig: CloudRig, platformUrl: string): Reality {
  return {
    backend: 'control-plane',
    async boxesOf(workspaceId) {
      const ledger = await db.box.findMany({ where: { workspaceId }, select: { id: true } });
      const ids = new Set(ledger.map(({ id }) => id));
      return rig.machines().flatMap(({ boxId }: BoxMachine) => (ids.has(boxId) ? [{ boxId, workspaceId }] : []));
    },
    async leave({ boxId, workspaceId, provider }) {
      const [tenant] = rig.controlPlane.tenants;
      const { status } = await fetch(`${rig.controlPlane.url}/cp/workspaces/provision`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tenant?.sharedSecret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          workspace_id: workspaceId,
          box_id: boxId,
          owner,
          runtime: 'reference',
          platform_url: platformUrl,
          provider,
        }),
      });
      if (status !== 201) throw new Error(`the control plane answered ${status}`);
    },
  };
}
