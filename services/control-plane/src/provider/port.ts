export const providerNames = ['aws', 'gcp', 'hetzner'] as const;
export type ProviderName = (typeof providerNames)[number];

/** What a tenant asks for; every part may be left out. */
export interface ComputeWish {
  readonly instanceType?: string | undefined;
  readonly diskGib?: number | undefined;
  readonly dataPersistence?: 'persist' | 'ephemeral' | undefined;
  readonly display?: DisplayWish | undefined;
}

export interface DisplayWish {
  readonly mode: 'none' | 'desktop-control' | 'gpu-desktop-control';
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly protocol?: 'dcv' | 'novnc' | undefined;
}

/** What a wish comes to at one cloud. */
export interface Machine {
  readonly instanceType: string;
  readonly diskGib: number;
  /** A disk that outlives the instance. */
  readonly persistent: boolean;
}

/** Whose an instance is; on every instance and disk, and what it is found and told from others by. */
export interface Marks {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly orgId: string;
  /** The tenant's installation; empty when it did not say. */
  readonly owner: string;
}

export interface InstanceSpec {
  readonly marks: Marks;
  readonly machine: Machine;
  /** Holds no secret but a nonce that works once. */
  readonly userData: string;
}

/** As the contract names them; `terminated` is also what is not there any more. */
export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'stopped' | 'terminated';

export interface Instance {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly privateIp: string;
  readonly marks: Marks;
  readonly born: Date;
}

export interface Capabilities {
  readonly instance_types: readonly string[];
  readonly disk_gb: { readonly least: number; readonly most: number };
  readonly data_persistence: readonly string[];
  readonly display_modes: readonly string[];
  readonly display_protocols: readonly string[];
  readonly console: boolean;
}

/**
 * One cloud account, seen through the marks of one control plane: what is not marked as its own is not there. Every call
 * may be repeated and is bounded in time, and fails with a `Refusal`.
 */
export interface Provider {
  readonly name: ProviderName;
  readonly capabilities: Capabilities;
  /** @throws Refusal UNSUPPORTED */
  machineFor(wish: ComputeWish, tier: number): Machine;
  /**
   * Makes the instance of a box, or finds the one that an earlier or half-heard call has made: however often it is asked
   * for, also at the same time, a box has one.
   * @throws Refusal PROVIDER_UNAVAILABLE when the instance may or may not come; after every other one none comes
   */
  run(spec: InstanceSpec): Promise<Instance>;
  /** Null when there is none, never was one, or it is another's. */
  describe(instanceId: string): Promise<Instance | null>;
  /** The live instance of a box, for when its id was never heard. */
  find(box: Pick<Marks, 'orgId' | 'boxId'>): Promise<Instance | null>;
  /** Asks for the end; what is not there is ended already. */
  terminate(instanceId: string): Promise<void>;
  /** Removes what instances of the workspace left behind; false when some of it is still attached, and stays. */
  removeVolumes(marks: Pick<Marks, 'orgId' | 'workspaceId'>): Promise<boolean>;
  /** @throws Refusal CONSOLE_UNSUPPORTED */
  console(instanceId: string): Promise<string>;
  /** Every instance of this control plane that is not terminated; of one tenant installation only, if one is named. */
  list(owner?: string): Promise<Instance[]>;
}

export const isLive = (instance: Instance | null): instance is Instance =>
  instance !== null && instance.state !== 'terminated';
