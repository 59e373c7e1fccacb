import {
  DescribeInstancesCommand,
  EC2Client,
  type Filter,
  GetConsoleOutputCommand,
  type RunInstancesCommandInput,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { Refusal } from '../../failure/refusal.ts';
import { type Attempts, withCreateAttempts } from '../attempts.ts';
import { machineOf, narrowed } from '../machine.ts';
import { diskLabels, instanceLabels, labelValue } from '../marks.ts';
import { type Instance, type InstanceSpec, isLive, type Marks, type Provider } from '../port.ts';
import { awsErrorName, awsRefusal } from './aws-error.ts';
import { awsInstance, names, tagFilters, tagsOf } from './aws-instance.ts';
import { awsVolumes } from './aws-volumes.ts';
import { awsOffer } from './offer.ts';

export interface AwsSettings {
  /** Whose instances these are. */
  readonly controlPlane: string;
  readonly region: string;
  /** Left out: the role of the machine this runs on. */
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly endpoint?: string;
  readonly imageId: string;
  readonly rootDevice: string;
  readonly subnetId?: string;
  readonly securityGroupIds?: readonly string[];
  readonly instanceTypes?: readonly string[];
  /** How a request that was refused for now is repeated. */
  readonly attempts: Attempts;
  /** For one request, and for all of a create. */
  readonly requestMs: number;
  readonly attachMs: number;
}

const notThere = /^InvalidInstanceID\.(NotFound|Malformed)$/;

/** Instances of EC2. */
export function awsProvider(settings: AwsSettings): Provider {
  const { controlPlane, region, endpoint, credentials } = settings;
  const offer = narrowed(awsOffer, settings.instanceTypes);
  const clientOf = (maxAttempts: number): EC2Client =>
    new EC2Client({
      region,
      maxAttempts,
      requestHandler: { requestTimeout: settings.requestMs, connectionTimeout: settings.requestMs },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  const client = clientOf(settings.attempts.most);
  /** The SDK tells of its last try alone, and of a create every one counts. */
  const creator = clientOf(1);
  const volumes = awsVolumes(client, controlPlane, settings.attachMs);
  const ours = { [names.controlPlane]: labelValue(controlPlane) };

  const search = async (filters: Filter[]): Promise<Instance[]> => {
    const found: Instance[] = [];
    let next: string | undefined;
    do {
      const page = await client.send(
        new DescribeInstancesCommand({ Filters: filters, ...(next === undefined ? {} : { NextToken: next }) }),
      );
      const instances = (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
      found.push(...instances.map((one) => awsInstance(controlPlane, one)).filter(isLive));
      next = page.NextToken;
    } while (next);
    return found;
  };

  const find = async ({ orgId, boxId }: Pick<Marks, 'orgId' | 'boxId'>): Promise<Instance | null> => {
    const labels = { ...ours, [names.organisation]: labelValue(orgId), [names.box]: labelValue(boxId) };
    return (await search(tagFilters(labels)))[0] ?? null;
  };

  const describe = async (instanceId: string): Promise<Instance | null> => {
    try {
      const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
      return awsInstance(controlPlane, Reservations?.[0]?.Instances?.[0]);
    } catch (error) {
      if (notThere.test(awsErrorName(error) ?? '')) return null;
      throw error;
    }
  };

  const create = (spec: InstanceSpec): Promise<Instance | null> =>
    withCreateAttempts(settings.attempts, async () => {
      try {
        const { Instances } = await creator.send(new RunInstancesCommand(runInput(settings, spec)));
        return awsInstance(controlPlane, Instances?.[0]);
      } catch (error) {
        const refusal = awsRefusal(error);
        if (refusal.code !== 'BOX_MISMATCH') throw refusal;
        return await madeBefore(spec, refusal);
      }
    });

  /**
   * EC2 refuses a token that comes with anything else than before: a new image or address is no new box. What the token
   * was used for may be too young to be shown; it is there, also where the look fails.
   */
  const madeBefore = async ({ marks }: InstanceSpec, cause: Refusal): Promise<Instance> => {
    const found = await find(marks).catch(() => null);
    if (!found) throw new Refusal('PROVIDER_UNAVAILABLE', 'aws does not show the instance of the box yet', { cause });
    return found;
  };

  /** There is an instance by now, so that whatever goes wrong leaves the create open. */
  const attach = async (spec: InstanceSpec, { instanceId }: Instance): Promise<void> => {
    try {
      await volumes.attach(spec, instanceId);
    } catch (error) {
      throw new Refusal('PROVIDER_UNAVAILABLE', `the data disk was not attached: ${awsRefusal(error).message}`, {
        cause: error,
      });
    }
  };

  return translated({
    name: 'aws',
    capabilities: offer.capabilities,
    machineFor: (wish, tier) => machineOf(offer, wish, tier),
    async run(spec) {
      const made = await create(spec);
      // The token is of a box of ours, so what it stands for is too; unless somebody else took the same.
      if (made?.marks.boxId !== spec.marks.boxId) throw new Refusal('PROVIDER_REFUSED', 'aws: the box id is another’s');
      if (spec.machine.persistent && isLive(made)) await attach(spec, made);
      return made;
    },
    describe,
    find,
    async terminate(instanceId) {
      // Looked at first: a stranger's is never ended.
      if (!isLive(await describe(instanceId))) return;
      try {
        await client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
      } catch (error) {
        if (!notThere.test(awsErrorName(error) ?? '')) throw error;
      }
    },
    removeVolumes: (marks) => volumes.removeAll(marks),
    async console(instanceId) {
      const { Output = '' } = await client.send(new GetConsoleOutputCommand({ InstanceId: instanceId, Latest: true }));
      return Buffer.from(Output, 'base64').toString('utf8');
    },
    list: (owner) => search(tagFilters(owner === undefined ? ours : { ...ours, [names.owner]: labelValue(owner) })),
  });
}

function runInput(settings: AwsSettings, { marks, machine, userData }: InstanceSpec): RunInstancesCommandInput {
  const tags = tagsOf({
    ...instanceLabels(names, settings.controlPlane, marks),
    Name: `holdfast-${marks.workspaceId}`,
  });
  const { subnetId, securityGroupIds } = settings;
  return {
    // EC2 answers a repeated token with the instance it has made for the first.
    ClientToken: marks.boxId,
    MinCount: 1,
    MaxCount: 1,
    ImageId: settings.imageId,
    InstanceType: machine.instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    UserData: Buffer.from(userData).toString('base64'),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
    BlockDeviceMappings: [
      {
        DeviceName: settings.rootDevice,
        Ebs: { VolumeSize: machine.diskGib, VolumeType: 'gp3', DeleteOnTermination: true, Encrypted: true },
      },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: tagsOf(diskLabels(names, settings.controlPlane, marks, 'root')) },
    ],
    ...(subnetId === undefined ? {} : { SubnetId: subnetId }),
    ...(securityGroupIds === undefined ? {} : { SecurityGroupIds: [...securityGroupIds] }),
  };
}

/** Whatever fails, fails in our words. */
function translated(provider: Provider): Provider {
  const calls = ['run', 'describe', 'find', 'terminate', 'removeVolumes', 'console', 'list'] as const;
  const wrapped = calls.map((name) => {
    const call = provider[name] as (...args: unknown[]) => Promise<unknown>;
    const wrapper = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await call(...args);
      } catch (error) {
        throw awsRefusal(error);
      }
    };
    return [name, wrapper] as const;
  });
  return { ...provider, ...Object.fromEntries(wrapped) };
}
