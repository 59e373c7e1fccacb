import type { Json } from '../json-api.ts';
import type { Machines } from '../machines.ts';

export const PROJECT = 'a-project';
export const ZONE = 'europe-west3-a';

export interface GcpMachine {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: string;
  readonly ip: string;
  readonly machineType: string;
  readonly disks: readonly string[];
  /** The one it starts from, which goes with it. */
  readonly bootDisk: string;
  /** Looks at it that are still answered "STAGING". */
  looksUntilRunning: number;
}

export interface GcpDisk {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sizeGb: string;
}

interface GcpOperation {
  readonly name: string;
  readonly error: string | undefined;
  looksUntilDone: number;
}

/** What a zone holds. */
export class GcpState {
  readonly instances = new Map<string, GcpMachine>();
  readonly disks = new Map<string, GcpDisk>();
  private readonly operations = new Map<string, GcpOperation>();
  /** By request id: Google answers a repeated one with the operation of the first. */
  private readonly requested = new Map<string, string>();
  private readonly machines: Machines;
  private readonly nextAddress: () => string;
  private lastId = 7_000_000;

  constructor(machines: Machines, nextAddress: () => string) {
    this.machines = machines;
    this.nextAddress = nextAddress;
  }

  insert(body: Json): void {
    const name = String(body['name']);
    const disks = (body['disks'] ?? []) as { source?: string; boot?: boolean; initializeParams?: Json }[];
    const root = disks.find(({ boot }) => boot)?.initializeParams ?? {};
    // Google gives it the name of the machine.
    this.insertDisk({ name, labels: root['labels'], sizeGb: root['diskSizeGb'] });
    const metadata = (body['metadata'] ?? {}) as { items?: { key: string; value: string }[] };
    const machine: GcpMachine = {
      id: this.nextId(),
      name,
      labels: (body['labels'] ?? {}) as Record<string, string>,
      created: new Date().toISOString(),
      ip: this.nextAddress(),
      machineType: String(body['machineType']),
      disks: [name, ...disks.flatMap(({ source }) => (source === undefined ? [] : [source.split('/').at(-1) ?? '']))],
      bootDisk: name,
      looksUntilRunning: 1,
    };
    this.instances.set(name, machine);
    const script = metadata.items?.find(({ key }) => key === 'startup-script')?.value ?? '';
    this.machines.add({ id: name, address: machine.ip, userData: script });
  }

  remove(name: string): void {
    const bootDisk = this.instances.get(name)?.bootDisk;
    this.instances.delete(name);
    if (bootDisk !== undefined) this.disks.delete(bootDisk);
    this.machines.remove(name);
  }

  insertDisk(body: Json): void {
    const name = String(body['name']);
    const labels = (body['labels'] ?? {}) as Record<string, string>;
    this.disks.set(name, { id: this.nextId(), name, labels, sizeGb: String(body['sizeGb']) });
  }

  usersOf(disk: string): string[] {
    return [...this.instances.values()].filter(({ disks }) => disks.includes(disk)).map(({ name }) => name);
  }

  known(requestId: string): Json | undefined {
    const name = this.requested.get(requestId);
    return name === undefined ? undefined : this.operation(name);
  }

  start(requestId: string | null, error?: string): Json {
    const operation = { name: `operation-${this.nextId()}`, error, looksUntilDone: 2 };
    this.operations.set(operation.name, operation);
    if (requestId !== null) this.requested.set(requestId, operation.name);
    return view(operation);
  }

  operation(name: string): Json | undefined {
    const operation = this.operations.get(name);
    if (!operation) return undefined;
    operation.looksUntilDone -= 1;
    return view(operation);
  }

  private nextId(): string {
    this.lastId += 1;
    return String(this.lastId);
  }
}

const view = ({ name, error, looksUntilDone }: GcpOperation): Json => ({
  kind: 'compute#operation',
  name,
  status: looksUntilDone > 1 ? 'PENDING' : looksUntilDone > 0 ? 'RUNNING' : 'DONE',
  progress: looksUntilDone > 0 ? 0 : 100,
  ...(error === undefined || looksUntilDone > 0
    ? {}
    : { error: { errors: [{ code: error, message: `${error}, says the test` }] }, httpErrorStatusCode: 409 }),
});

export function machineView(machine: GcpMachine): Json {
  const isStaging = machine.looksUntilRunning > 0;
  machine.looksUntilRunning -= 1;
  return {
    kind: 'compute#instance',
    id: machine.id,
    name: machine.name,
    status: isStaging ? 'STAGING' : 'RUNNING',
    creationTimestamp: machine.created,
    labels: machine.labels,
    machineType: machine.machineType,
    disks: machine.disks.map((disk) => ({
      boot: disk === machine.bootDisk,
      source: `projects/${PROJECT}/zones/${ZONE}/disks/${disk}`,
    })),
    networkInterfaces: [{ name: 'nic0', networkIP: machine.ip, accessConfigs: [] }],
  };
}
