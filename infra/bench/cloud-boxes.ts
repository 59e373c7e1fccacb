import { randomUUID } from 'node:crypto';
import type { TestControlPlane } from '../src/testing/system/control-plane.ts';
import { Client } from './load.ts';

/** One box at the control plane, as a platform knows it. */
export interface CloudBox {
  readonly workspaceId: string;
  readonly boxId: string;
}

/** What a platform asks of its control plane. */
export class CloudBoxes {
  private readonly client: Client;

  constructor({ url, tenants }: TestControlPlane, connections: number) {
    this.client = new Client(url, { connections, token: tenants[0]?.sharedSecret ?? '' });
  }

  async provision(): Promise<CloudBox> {
    const box = { workspaceId: randomUUID(), boxId: randomUUID() };
    const body = JSON.stringify({
      workspace_id: box.workspaceId,
      box_id: box.boxId,
      owner: 'bench',
      runtime: 'reference',
      tier: 2,
      provider: 'aws',
      platform_url: 'http://127.0.0.1:9',
      env: { API_KEY: 'the-secret-of-a-workspace' },
    });
    await this.client.expect(201, { method: 'POST', path: '/cp/workspaces/provision', body });
    return box;
  }

  async status({ workspaceId, boxId }: CloudBox): Promise<string> {
    const path = `/cp/workspaces/${workspaceId}/status?box_id=${boxId}`;
    const { body } = await this.client.expect(200, { method: 'GET', path });
    return (JSON.parse(body.toString()) as { state: string }).state;
  }

  async terminate({ workspaceId, boxId }: CloudBox): Promise<void> {
    const path = `/cp/workspaces/${workspaceId}?box_id=${boxId}`;
    await this.client.expect(200, { method: 'DELETE', path });
  }

  close(): void {
    this.client.close();
  }
}
