import { z } from 'zod';

const text = z.string().nullish();

/** Answer of a provision; older control planes leave out what is not of the contract. */
export const Provisioned = z.object({ instance_id: z.string().min(1), private_ip: text, state: text });

/** Answer of a delete; older control planes say nothing in it. */
export const Ended = z.object({ state: text });

export const InstanceStatus = z.object({ state: z.string().min(1) });

export const Console = z.object({ output: z.string() });

/** What a control plane decides for a tenant. */
export const TenantConfig = z.record(z.string(), z.string());

/** A failure that names its kind. */
export const CodedFailure = z.object({ code: z.string() });

/** What a control plane can do beyond the contract. */
export const Capabilities = z.object({ features: z.array(z.string()) });

export const ListedInstance = z.object({
  /** Null while nobody has heard of it yet. */
  instance_id: z.string().nullish(),
  box_id: z.string(),
  workspace_id: z.string(),
  provider: z.string(),
  state: z.string(),
  private_ip: text,
  created_at: z.iso.datetime({ offset: true }),
});
export type ListedInstance = z.output<typeof ListedInstance>;

export const InstanceList = z.object({
  instances: z.array(ListedInstance),
  /** Clouds that did not answer: what they have is not in the list. */
  unreachable: z.array(z.string()).default([]),
});
export type InstanceList = z.output<typeof InstanceList>;

/** A list, unlike the other answers, grows with the fleet. */
export const LIST_BYTES = 16 * 1_048_576;
export const CONSOLE_BYTES = 262_144;
