import type { Faults } from './faults.ts';
import type { Operation } from './operation.ts';

/** A machine that a cloud believes to be running. */
export interface Machine {
  readonly id: string;
  /** A loopback address of its own: its agent listens there. */
  readonly address: string;
  readonly userData: string;
}

/** One request as it reached the cloud, for tests of what is told to it. */
export interface CloudRequest {
  readonly operation: Operation;
  /** Address, headers and body as one text, what is base64 in it decoded besides. */
  readonly text: string;
}

/** A cloud to test against: it answers over HTTP like the real one, and does what tests tell it besides. */
export interface Cloud extends AsyncDisposable {
  readonly name: 'aws' | 'gcp' | 'hetzner';
  /** What a control plane is configured with to use it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly faults: Faults;
  readonly requests: readonly CloudRequest[];
  /** The machines that run. */
  machines(): readonly Machine[];
  /** Told of every change of the machines. */
  onChange(listener: () => void): void;
  /** What the machine has said; the cloud serves it as its console. */
  say(machineId: string, text: string): void;
  /** Ends a machine without having been asked to. */
  end(machineId: string): Promise<void>;
  /** Makes a machine that is nobody's of ours; returns its id. */
  addStranger(): Promise<string>;
  stop(): Promise<void>;
}
