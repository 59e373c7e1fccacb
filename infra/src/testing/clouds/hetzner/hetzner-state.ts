import type { Json } from '../json-api.ts';
import type { Machines } from '../machines.ts';

export interface HetznerServer {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: string;
  readonly ip: string;
  readonly type: string;
  readonly volumes: readonly number[];
  /** Looks at it that are still answered "initializing". */
  looksUntilRunning: number;
}

export interface HetznerVolume {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly size: number;
  server: number | null;
}

interface HetznerAction {
  readonly id: number;
  readonly command: string;
  readonly error: string | undefined;
  looksUntilDone: number;
}

/** What a project holds. */
export class HetznerState {
  readonly servers = new Map<number, HetznerServer>();
  readonly volumes = new Map<number, HetznerVolume>();
  private readonly actions = new Map<number, HetznerAction>();
  private readonly machines: Machines;
  private readonly nextAddress: () => string;
  private lastId = 1_000;

  constructor(machines: Machines, nextAddress: () => string) {
    this.machines = machines;
    this.nextAddress = nextAddress;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  createServer(body: Json): HetznerServer {
    const volumes = (body['volumes'] ?? []) as number[];
    const server: HetznerServer = {
      id: this.nextId(),
      name: String(body['name']),
      labels: (body['labels'] ?? {}) as Record<string, string>,
      created: new Date().toISOString(),
      ip: this.nextAddress(),
      type: String(body['server_type']),
      volumes,
      looksUntilRunning: 1,
    };
    this.servers.set(server.id, server);
    for (const id of volumes) {
      const volume = this.volumes.get(id);
      if (volume) volume.server = server.id;
    }
    this.machines.add({ id: String(server.id), address: server.ip, userData: (body['user_data'] ?? '') as string });
    return server;
  }

  deleteServer(id: number): void {
    this.servers.delete(id);
    for (const volume of this.volumes.values()) if (volume.server === id) volume.server = null;
    this.machines.remove(String(id));
  }

  /** @param error how it ends; left out, well */
  startAction(command: string, error?: string): Json {
    const action = { id: this.nextId(), command, error, looksUntilDone: 1 };
    this.actions.set(action.id, action);
    return actionView(action);
  }

  action(id: number): Json | undefined {
    const action = this.actions.get(id);
    if (!action) return undefined;
    action.looksUntilDone -= 1;
    return actionView(action);
  }
}

const actionView = ({ id, command, error, looksUntilDone }: HetznerAction): Json => ({
  id,
  command,
  status: looksUntilDone > 0 ? 'running' : error === undefined ? 'success' : 'error',
  progress: looksUntilDone > 0 ? 0 : 100,
  started: '2026-01-01T00:00:00+00:00',
  finished: looksUntilDone > 0 ? null : '2026-01-01T00:00:01+00:00',
  resources: [],
  error: looksUntilDone > 0 || error === undefined ? null : { code: error, message: `${error}, says the test` },
});

export function serverView(server: HetznerServer): Json {
  const isInitializing = server.looksUntilRunning > 0;
  server.looksUntilRunning -= 1;
  return {
    id: server.id,
    name: server.name,
    status: isInitializing ? 'initializing' : 'running',
    created: server.created,
    labels: server.labels,
    public_net: { ipv4: { id: server.id, ip: server.ip, blocked: false }, ipv6: null, floating_ips: [] },
    private_net: [],
    server_type: { name: server.type },
    volumes: server.volumes,
    locked: false,
    protection: { delete: false, rebuild: false },
  };
}

export const volumeView = ({ id, name, labels, size, server }: HetznerVolume): Json => ({
  id,
  name,
  labels,
  size,
  server,
  status: 'available',
  protection: { delete: false },
});
