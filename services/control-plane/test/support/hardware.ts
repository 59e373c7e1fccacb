import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client, type Tag } from '@aws-sdk/client-ec2';
import type { Cloud } from '@holdfast/infra/testing/clouds/index';
import { z } from 'zod';
import { accessTokens } from '../../src/provider/gcp/access-token.ts';

export interface Disk {
  readonly isRoot: boolean;
  readonly sizeGib: number;
  readonly marks: Readonly<Record<string, string>>;
}

/** A machine as its cloud describes it to anybody who asks, the root disk first if it is one of its own there. */
export interface Hardware {
  readonly type: string;
  readonly marks: Readonly<Record<string, string>>;
  readonly disks: readonly Disk[];
}

/** Asks the API of a cloud, past the control plane, what it has made. */
export function hardwareOf(cloud: Cloud, instanceId: string): Promise<Hardware> {
  return { aws: ofAws, gcp: ofGcp, hetzner: ofHetzner }[cloud.name](cloud, instanceId);
}

const Labels = z.record(z.string(), z.string()).transform((labels) => marksIn(labels));

async function ofAws({ environment }: Cloud, instanceId: string): Promise<Hardware> {
  const client = new EC2Client({
    region: String(environment['AWS_REGION']),
    endpoint: String(environment['AWS_ENDPOINT_URL_EC2']),
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'of-nobody' },
  });
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const instance = Reservations?.[0]?.Instances?.[0];
  const mine = [{ Name: 'attachment.instance-id', Values: [instanceId] }];
  const { Volumes = [] } = await client.send(new DescribeVolumesCommand({ Filters: mine }));
  client.destroy();
  const disks = Volumes.map(({ Size = 0, Tags, Attachments = [] }) => ({
    isRoot: Attachments.every(({ Device }) => Device !== '/dev/sdf'),
    sizeGib: Size,
    marks: marksOfTags(Tags),
  }));
  return {
    type: instance?.InstanceType ?? '',
    marks: marksOfTags(instance?.Tags),
    disks: disks.toSorted((one, other) => Number(other.isRoot) - Number(one.isRoot)),
  };
}

const marksOfTags = (tags: readonly Tag[] = []): Record<string, string> =>
  marksIn(Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])));

/** Named with dashes, as they are where no dots are allowed. */
const marksIn = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      /^holdfast[.-]/.test(name) ? [[name.replaceAll('.', '-'), value]] : [],
    ),
  );

const GcpMachine = z.object({
  machineType: z.string(),
  labels: Labels,
  disks: z.array(z.object({ boot: z.boolean(), source: z.string() })),
});
const GcpDisk = z.object({ sizeGb: z.string(), labels: Labels.default({}) });

async function ofGcp({ environment }: Cloud, instanceId: string): Promise<Hardware> {
  const { GCP_ENDPOINT: endpoint, GCP_PROJECT: project, GCP_ZONE: zone, GCP_CREDENTIALS_FILE: file = '' } = environment;
  const token = await accessTokens(file, 5_000)();
  const of = (path: string) => ask(`${endpoint}/compute/v1/${path}`, token);
  const machine = GcpMachine.parse(await of(`projects/${project}/zones/${zone}/instances/${instanceId}`));
  const disks = machine.disks.map(async ({ boot: isRoot, source }) => {
    const { sizeGb, labels: marks } = GcpDisk.parse(await of(source));
    return { isRoot, sizeGib: Number(sizeGb), marks };
  });
  return {
    type: machine.machineType.split('/').at(-1) ?? '',
    marks: machine.labels,
    disks: await Promise.all(disks),
  };
}

const HetznerServer = z.object({
  server: z.object({ server_type: z.object({ name: z.string() }), labels: Labels, volumes: z.array(z.number()) }),
});
const HetznerVolume = z.object({ volume: z.object({ size: z.number(), labels: Labels }) });

async function ofHetzner({ environment }: Cloud, instanceId: string): Promise<Hardware> {
  const of = (path: string) => ask(`${environment['HETZNER_ENDPOINT']}${path}`, environment['HETZNER_TOKEN']);
  const { server } = HetznerServer.parse(await of(`/servers/${instanceId}`));
  const disks = server.volumes.map(async (id) => {
    const { volume } = HetznerVolume.parse(await of(`/volumes/${id}`));
    return { isRoot: false, sizeGib: volume.size, marks: volume.labels };
  });
  return { type: server.server_type.name, marks: server.labels, disks: await Promise.all(disks) };
}

const ask = async (url: string, token: string | undefined): Promise<unknown> =>
  await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json();
