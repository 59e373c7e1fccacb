import { loopbackAddresses } from '../addresses.ts';
import type { Cloud } from '../cloud.ts';
import { Faults } from '../faults.ts';
import { serveCloud } from '../http-cloud.ts';
import { Machines } from '../machines.ts';
import { gcpApi } from './gcp-api.ts';
import { GcpState, PROJECT, ZONE } from './gcp-state.ts';
import { serviceAccount } from './service-account.ts';

/** A zone of Compute Engine: the official shapes over a state in memory. */
export async function startGcpCloud(): Promise<Cloud> {
  const machines = new Machines();
  const faults = new Faults();
  const account = serviceAccount();
  const addresses = loopbackAddresses();
  const state = new GcpState(machines, () => addresses.next());
  const http = await serveCloud(gcpApi(state, machines, account), faults);
  const stop = async () => {
    await http.close();
    account.remove();
  };
  return {
    name: 'gcp',
    environment: {
      GCP_PROJECT: PROJECT,
      GCP_ZONE: ZONE,
      GCP_CREDENTIALS_FILE: account.writeKeyFile(`${http.url}/token`),
      GCP_ENDPOINT: http.url,
      GCP_IMAGE: 'projects/a-project/global/images/box',
    },
    faults,
    requests: http.requests,
    machines: () => machines.all(),
    onChange: (listener) => machines.onChange(listener),
    say: (id, text) => machines.say(id, text),
    end: (id) => Promise.resolve(state.remove(id)),
    addStranger() {
      state.insert({ name: 'a-stranger', machineType: 'e2-small' });
      return Promise.resolve('a-stranger');
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
