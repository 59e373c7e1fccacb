import { loopbackAddresses } from '../addresses.ts';
import type { Cloud } from '../cloud.ts';
import { Faults } from '../faults.ts';
import { serveCloud } from '../http-cloud.ts';
import { Machines } from '../machines.ts';
import { ec2Api } from './ec2-api.ts';
import { startEc2Emulator } from './emulator.ts';
import { ask, elementOf, formOf } from './query.ts';

const IMAGE = 'ami-0123456789abcdef0';

/** EC2: the emulator, behind a proxy that adds what it lacks and spoils what a test wants spoilt. */
export async function startEc2Cloud(): Promise<Cloud> {
  const emulator = await startEc2Emulator();
  const faults = new Faults();
  const machines = new Machines();
  const subnet = await subnetOf(emulator.url, loopbackAddresses().network);
  const http = await serveCloud(ec2Api(emulator.url, machines), faults);
  const stop = async () => {
    await http.close();
    await emulator.stop();
  };
  return {
    name: 'aws',
    environment: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'a-secret-access-key-of-nobody',
      AWS_IMAGE_ID: IMAGE,
      AWS_ENDPOINT_URL_EC2: http.url,
      AWS_SUBNET_ID: subnet,
    },
    faults,
    requests: http.requests,
    machines: () => machines.all(),
    onChange: (listener) => machines.onChange(listener),
    say: (id, text) => machines.say(id, text),
    async end(id) {
      await ask(emulator.url, formOf('TerminateInstances', { 'InstanceId.1': id }));
      machines.remove(id);
    },
    async addStranger() {
      const { body } = await ask(
        emulator.url,
        formOf('RunInstances', { ImageId: IMAGE, MinCount: '1', MaxCount: '1', SubnetId: subnet }),
      );
      const id = elementOf(body, 'instanceId') ?? '';
      machines.add({ id, address: elementOf(body, 'privateIpAddress') ?? '', userData: '' });
      return id;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A network on loopback: what the emulator calls the private address of an instance is where its agent listens. */
async function subnetOf(url: string, network: string): Promise<string> {
  const vpc = await ask(url, formOf('CreateVpc', { CidrBlock: network }));
  const vpcId = elementOf(vpc.body, 'vpcId') ?? '';
  const subnet = await ask(url, formOf('CreateSubnet', { VpcId: vpcId, CidrBlock: network }));
  const id = elementOf(subnet.body, 'subnetId');
  if (id === undefined) throw new Error(`the emulator made no subnet: ${subnet.body}`);
  return id;
}
