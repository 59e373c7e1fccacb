import Docker from 'dockerode';
import { StartFailure } from '../failure.ts';
import { ensureAgentImage } from '../images/agent-image.ts';
import type { BackendChoice } from './config.ts';

/** Where nobody listens that shows at once; an engine that is busy takes its time. */
const PING_LIMIT_MS = 15_000;

/**
 * The container engine boxes are to run on; undefined when there is none and none is asked for.
 * @throws StartFailure when Docker is asked for and does not answer
 */
export async function findEngine(backend: BackendChoice): Promise<Docker | undefined> {
  if (backend !== 'auto' && backend !== 'docker') return undefined;
  const docker = new Docker();
  try {
    const ping = docker.ping.bind(docker) as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
    await ping({ abortSignal: AbortSignal.timeout(PING_LIMIT_MS) });
    return docker;
  } catch (error) {
    if (backend === 'auto') return undefined;
    const where = process.env['DOCKER_HOST'] ?? '/var/run/docker.sock';
    const { code = 'no answer' } = error as NodeJS.ErrnoException;
    throw new StartFailure(
      `Docker does not answer at ${where} (${code}): start it, set DOCKER_HOST, or set BACKEND=process to run boxes as processes.`,
      { cause: error },
    );
  }
}

/** How boxes on an engine reach a gateway that runs on this machine, and where it must listen for that. */
export interface Bridge {
  /** The name or address by which a box finds this machine. */
  readonly host: string;
  /** The address to listen on besides loopback; none where the engine brings boxes to loopback itself. */
  readonly listen: string | undefined;
}

/**
 * The bridge of the boxes' network, which is made when the engine does not have it.
 * @param network the name of the network that boxes are put into
 */
export async function bridgeOf(docker: Docker, network: string): Promise<Bridge> {
  // An engine in a virtual machine (macOS) has bridges we cannot listen on, and a name for us instead.
  if (process.platform !== 'linux') return { host: 'host.docker.internal', listen: undefined };
  await docker.createNetwork({ Name: network, CheckDuplicate: true }).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 409) throw error;
  });
  const { IPAM } = (await docker.getNetwork(network).inspect()) as Docker.NetworkInspectInfo;
  const gateway = IPAM?.Config?.map(({ Gateway }) => Gateway).find((address) => address?.includes('.'));
  if (gateway === undefined) {
    throw new StartFailure(
      `The Docker network ${network} has no address for this machine: remove it with "docker network rm ${network}".`,
    );
  }
  return { host: gateway, listen: gateway };
}

/** The image of the reference agent, made when the engine does not have it. */
export async function agentImage(docker: Docker): Promise<string> {
  try {
    return await ensureAgentImage(docker);
  } catch (error) {
    throw new StartFailure(
      `The image of the reference agent could not be made (${(error as Error).message}): set BACKEND=process to go on without Docker.`,
      { cause: error },
    );
  }
}
