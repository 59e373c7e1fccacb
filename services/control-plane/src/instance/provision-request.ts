import { z } from 'zod';
import { providerNames } from '../provider/port.ts';

const MOST_FILES_BYTES = 262_144;
const BASE64_GROWTH = 4 / 3;

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;
const filePath = /^(?:config\.yaml|prompts\/(?:[\w-][\w.-]*\/)*[\w-][\w.-]*)$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const cleanText = z
  .string()
  .refine((value) => !value.includes('\0') && value.isWellFormed(), 'holds characters that no environment takes');
/** Older platforms send empty texts for what they leave out. */
const orLeftOut = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());

const Display = z.object({
  mode: orLeftOut(z.enum(['none', 'desktop-control', 'gpu-desktop-control'])).transform((mode) => mode ?? 'none'),
  width: orLeftOut(z.int()),
  height: orLeftOut(z.int()),
  protocol: orLeftOut(z.enum(['dcv', 'novnc'])),
});

const ConfigFiles = z
  .record(
    z.string().regex(filePath, 'may hold config.yaml and prompts/… only'),
    z.string().regex(base64, 'must be base64'),
  )
  .refine(
    (files) => Object.values(files).reduce((sum, file) => sum + file.length, 0) <= MOST_FILES_BYTES * BASE64_GROWTH,
    'may hold 256 KiB together',
  );

/** The body of a provision; whatever else it holds is not looked at, its `org_id` least of all. */
export const ProvisionRequest = z.object({
  // A label at every cloud, and read back from there.
  workspace_id: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/,
      'must be an id of up to 63 lower-case letters, digits and dashes',
    ),
  runtime: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be the name of a runtime'),
  tier: z.int().min(0).max(1_000).default(2),
  platform_url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  env: z
    .record(z.string().regex(name, 'may hold names of letters, digits and underscores only'), cleanText)
    .default({}),
  provider: z.preprocess(
    (value) => (value === '' || value === undefined || value === null ? 'aws' : value),
    z.enum(providerNames),
  ),
  instance_type: orLeftOut(z.string().max(64)),
  disk_gb: orLeftOut(z.int()),
  data_persistence: orLeftOut(z.enum(['persist', 'ephemeral'])),
  display: orLeftOut(Display),
  config_files: orLeftOut(ConfigFiles),
  /** The files take the place of what a disk has kept; else they leave it alone. */
  overwrite: orLeftOut(z.boolean()),
  /** With it a provision may be repeated. Without, each is another box. */
  box_id: orLeftOut(z.guid('must be a UUID').transform((id) => id.toLowerCase())),
  /** The tenant's installation, to list its boxes by. */
  owner: orLeftOut(z.string().max(200)).transform((owner) => owner ?? ''),
  /** When the platform gives up on the box; the watcher is done before. */
  boot_timeout_seconds: orLeftOut(z.int().min(1).max(86_400)),
});
export type ProvisionRequest = z.output<typeof ProvisionRequest>;

/** What decides which machine it would be, and whether a cloud has it. */
export const MachineRequest = ProvisionRequest.pick({
  tier: true,
  provider: true,
  instance_type: true,
  disk_gb: true,
  data_persistence: true,
  display: true,
});
export type MachineRequest = z.output<typeof MachineRequest>;
