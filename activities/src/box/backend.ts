import type { BackendKind, CloudProvider } from '@holdfast/workflows/box/box';
import type { BoxImages } from './images.ts';

/** A file a box finds in its configuration directory. */
export interface BoxFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** What a box gets in its configuration directory besides its credentials. */
export interface BoxConfig {
  readonly files: readonly BoxFile[];
  /** False: only when the directory has no config.yaml, because what the user edited there is worth more. */
  readonly overwrite: boolean;
}

/** What a box proves itself with; written into its configuration directory before it starts, readable by its owner only. */
export interface BoxFileCredentials {
  readonly token: string;
  readonly inboundSecret: string;
}

/** What a workspace asks of its cloud; of what it leaves out the cloud has its own. */
export interface Compute {
  readonly instance_type?: string;
  readonly data_persistence?: string;
  readonly volume?: { readonly root_gb?: number };
  readonly display?: Readonly<Record<string, unknown>>;
}

/** What only a box in a cloud has. */
export interface CloudSpec {
  readonly provider: CloudProvider;
  readonly compute: Compute;
  /**
   * What the box proves itself with, having no file of ours to find its token in: good for its registers until its agent
   * has shown that token; null when it has.
   */
  readonly nonce: string | null;
  /** An attempt before this one has left its create unanswered: there may be a box already. */
  readonly isUnanswered: boolean;
}

/** One box as it is to be. */
export interface BoxSpec {
  readonly boxId: string;
  readonly workspaceId: string;
  /** When its ledger row was made: of two boxes of a workspace the one born later is right. */
  readonly born: Date;
  readonly runtime: string;
  readonly image: string;
  /** Instead of the tier's, where the runtime asks for its own. */
  readonly limits?: { readonly memoryMb: number; readonly cpus: number };
  readonly tier: number;
  /** What the platform itself tells every box; the backend adds its paths. */
  readonly platform: PlatformFacts;
  /** Secrets, identity and what mutators added; wins over the platform's block. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: BoxConfig;
  /** Null once its agent has registered: then the box exists, and is only to be found. */
  readonly credentials: BoxFileCredentials | null;
  readonly workspaceDir: string | null;
  readonly workspaceAccess: 'none' | 'read_only' | 'read_write';
  /** Forget the sessions of the agent before this one. */
  readonly resetSession: boolean;
  /** For backends in clouds. */
  readonly cloud?: CloudSpec;
}

export interface PlatformFacts {
  readonly platformUrl: string;
  /** Both or neither. */
  readonly awareness?: { readonly namespace: string; readonly url: string };
}

/** Which box is meant; the external id is a hint, the box id decides. */
export interface BoxRef {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly externalId: string | null;
  /** The cloud it was asked of, where there is more than one. Never read from the workspace, which may have moved on. */
  readonly provider?: string | null;
}

export interface StartedBox {
  readonly externalId: string;
  /** Where the platform reaches the agent; empty when its backend does not say. */
  readonly url: string;
  /** Where other boxes reach it; null when that is the same. */
  readonly internalUrl: string | null;
}

/** A real box, as the backend sees it. */
export interface SeenBox extends BoxRef {
  readonly running: boolean;
  readonly born: Date;
}

/** Something the boxes of a workspace have left on disk, or still use. */
export interface SeenVolume {
  readonly workspaceId: string;
  /** The workspace's own work, which only a purge removes. */
  readonly isWork: boolean;
}

/** A box of the platform before this one; it carries that platform's label and nobody's name. */
export interface LegacyBox {
  readonly externalId: string;
  /** The first characters of its workspace's id, which is all its name tells. */
  readonly prefix: string;
}

/** What the platform before this one has left, where an operator wants it taken over. */
export interface LegacyBoxes {
  list(): Promise<LegacyBox[]>;
  /** Removes it, and then what it had on disk but its workspace's own work. */
  remove(box: LegacyBox): Promise<void>;
}

/** An instance of a cloud that no row of the ledger is about, only its own id. */
export interface CloudInstance {
  readonly workspaceId: string;
  readonly instanceId: string;
  readonly provider: string;
}

/**
 * `stopped`: it is gone, and no create of it can still come out. `absent`: there is nothing of it now, but a create
 * that is under way could still make it.
 */
export type StopResult = 'stopped' | 'absent';

export interface RemoveVolumes {
  /** Its work as well. */
  readonly purge: boolean;
  /** The last box of it in each cloud, for backends that find disks by them. */
  readonly boxes?: readonly BoxRef[];
}

/** Not being able to tell counts as running: a hiccup must never look like a dead fleet. */
export interface Probe {
  readonly running: boolean;
  readonly cannotTell?: Error;
}

/**
 * Where boxes live. Bound to one owner: it never sees or touches what belongs to another installation. Every call may
 * be repeated, and fails with a `BackendError`.
 */
export interface BoxBackend {
  readonly kind: BackendKind;
  /** Resolves when it can serve. */
  ping(): Promise<void>;
  /**
   * Creates and starts the box, or finds the one that an earlier or half-heard call has made. Removes an older box of
   * the workspace that stands in its way; gives way to a newer one. Once aborted it ends at the next safe point.
   */
  start(spec: BoxSpec, signal: AbortSignal): Promise<StartedBox>;
  /**
   * Whether a box of this kind could be made; touches nothing. Left out where there is nothing to choose.
   * @throws BackendError refused when its cloud does not have what is asked for
   */
  readonly check?: (cloud: Pick<CloudSpec, 'provider' | 'compute'>, tier: number) => Promise<void>;
  stop(ref: BoxRef): Promise<StopResult>;
  isRunning(ref: BoxRef): Promise<Probe>;
  /** The last output of the box. */
  console(ref: BoxRef): Promise<string>;
  /**
   * Every box of this owner, running or not. What is missing in it may still be there: `isRunning` knows.
   * @throws BackendError unverifiable where boxes cannot be told apart by owner: then nothing may be concluded
   */
  list(): Promise<SeenBox[]>;
  /** Whether the workspace's configuration directory has a config.yaml; `image` serves to look into a volume. */
  hasConfig(workspaceId: string, image: string): Promise<boolean>;
  /** Whatever workspaces of this owner have on disk. */
  listVolumes(): Promise<SeenVolume[]>;
  /** Removes what the boxes of a workspace left on disk; its work only with `purge`. */
  removeVolumes(workspaceId: string, options: RemoveVolumes): Promise<void>;
  /** Ends an instance that is known by its own id alone; left out where boxes are no instances. */
  readonly endInstance?: (instance: CloudInstance) => Promise<void>;
  /** Left out where boxes are not made from images. */
  readonly images?: BoxImages;
  /** Left out where there is none, or where it is not to be touched. */
  readonly legacy?: LegacyBoxes;
}
