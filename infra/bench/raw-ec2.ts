import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';

/** The machine a control plane makes of a boring request. */
const TYPE = 't3.large';
const DISK_GIB = 30;
const MARKS = ['control-plane', 'organisation', 'workspace', 'box', 'owner'];
/** As long as that of the control plane, with the address and the nonce in it. */
const USER_DATA = '#'.repeat(2_500);

/** What the control plane asks of EC2 for each of its routes, by EC2's own SDK. */
export class RawEc2 {
  private readonly client: EC2Client;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly lookMs: number;

  /** @param options.lookMs pause between two looks at an instance that ends */
  constructor(options: { readonly environment: Readonly<Record<string, string>>; readonly lookMs: number }) {
    const { environment } = options;
    this.environment = environment;
    this.lookMs = options.lookMs;
    this.client = new EC2Client({
      region: environment['AWS_REGION'] ?? '',
      endpoint: environment['AWS_ENDPOINT_URL_EC2'] ?? '',
      credentials: {
        accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  /** Makes an instance; answers with its id. */
  async provision(token: string): Promise<string> {
    const made = await this.client.send(
      new RunInstancesCommand({
        ClientToken: token,
        MinCount: 1,
        MaxCount: 1,
        ImageId: this.environment['AWS_IMAGE_ID'],
        SubnetId: this.environment['AWS_SUBNET_ID'],
        InstanceType: TYPE,
        UserData: Buffer.from(USER_DATA).toString('base64'),
        InstanceInitiatedShutdownBehavior: 'terminate',
        MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: { VolumeSize: DISK_GIB, VolumeType: 'gp3', DeleteOnTermination: true, Encrypted: true },
          },
        ],
        TagSpecifications: [
          { ResourceType: 'instance', Tags: MARKS.map((Key) => ({ Key: `bench.${Key}`, Value: token })) },
        ],
      }),
    );
    return made.Instances?.[0]?.InstanceId ?? '';
  }

  async status(id: string): Promise<string> {
    const { Reservations } = await this.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? 'terminated';
  }

  /** Ends an instance and waits until it has ended. */
  async terminate(id: string): Promise<void> {
    await this.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    do await pause(this.lookMs);
    while ((await this.status(id)) !== 'terminated');
  }

  close(): void {
    this.client.destroy();
  }
}
