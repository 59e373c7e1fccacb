import { loopbackAddresses } from '../addresses.ts';
import type { Cloud } from '../cloud.ts';
import { Faults } from '../faults.ts';
import { serveCloud } from '../http-cloud.ts';
import { Machines } from '../machines.ts';
import { hetznerApi } from './hetzner-api.ts';
import { HetznerState } from './hetzner-state.ts';

const TOKEN = 'a-hetzner-token-of-nobody';

/** A project at Hetzner: the official shapes over a state in memory. */
export async function startHetznerCloud(): Promise<Cloud> {
  const machines = new Machines();
  const faults = new Faults();
  const addresses = loopbackAddresses();
  const state = new HetznerState(machines, () => addresses.next());
  const http = await serveCloud(hetznerApi(state, TOKEN), faults);
  const stop = () => http.close();
  return {
    name: 'hetzner',
    environment: { HETZNER_TOKEN: TOKEN, HETZNER_ENDPOINT: `${http.url}/v1` },
    faults,
    requests: http.requests,
    machines: () => machines.all(),
    onChange: (listener) => machines.onChange(listener),
    say: (id, text) => machines.say(id, text),
    end: (id) => Promise.resolve(state.deleteServer(Number(id))),
    addStranger: () => Promise.resolve(String(state.createServer({ name: 'a-stranger', server_type: 'cx22' }).id)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
