import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type Docker from 'dockerode';
import { containerOptions } from '@holdfast/activities/box/docker/container-options';
import { volumeNames } from '@holdfast/activities/box/names';
import { benchLabel } from './engine.ts';
import { each } from './load.ts';
import type { Stage } from './stage.ts';
import type { Lives, Verb } from './verbs.ts';

const TIER = 2;
/** Nobody listens there: the agent tries on, as the program that it is. */
const NO_PLATFORM = 'http://127.0.0.1:9';

interface RawContainersOptions {
  readonly engine: Docker;
  readonly image: string;
  readonly stage: Stage;
}

/** What the platform does with containers for each verb, by hand: the same image, volumes, network and limits. */
export class RawContainers implements Lives {
  private readonly options: RawContainersOptions;
  private readonly containers: RawContainer[] = [];
  private readonly children: RawContainer[] = [];

  constructor(options: RawContainersOptions) {
    this.options = options;
  }

  async prepare(verb: Verb, size: number): Promise<void> {
    if (verb === 'collapse') {
      await each(size, size, async (turn) => {
        const child = (this.children[turn] = new RawContainer(this.options));
        await child.create();
      });
    }
    // A collapse keeps the work of what it removes, as every delete that is no purge does.
    if (verb === 'delete') await Promise.all(this.children.map((child) => child.removeVolume('work')));
  }

  async act(verb: Verb, turn: number): Promise<void> {
    if (verb === 'create') this.containers[turn] = new RawContainer(this.options);
    const container = verb === 'collapse' ? this.children[turn] : this.containers[turn];
    if (!container) throw new Error(`there is no container to ${verb}`);
    switch (verb) {
      case 'create':
        return container.create();
      case 'restart':
        await container.remove();
        return container.start();
      case 'pause':
      case 'hibernate':
        return container.remove();
      case 'resume':
      case 'wake':
        return container.start();
      case 'collapse':
        await container.remove();
        return container.removeVolume('configs');
      case 'delete':
        await container.remove();
        await container.removeVolume('configs');
        return container.removeVolume('work');
    }
  }
}

class RawContainer {
  private readonly engine: Docker;
  private readonly labels: Record<string, string>;
  private readonly volumes: Readonly<Record<'configs' | 'work', string>>;
  private readonly creation: Docker.ContainerCreateOptions;
  private container: Docker.Container | undefined;

  constructor({ engine, image, stage }: RawContainersOptions) {
    this.engine = engine;
    const workspaceId = randomUUID();
    this.volumes = volumeNames(workspaceId);
    this.labels = { [benchLabel]: stage.workers.owner };
    const options = containerOptions(
      {
        workspaceId,
        boxId: workspaceId,
        born: new Date(),
        runtime: 'reference',
        image,
        tier: TIER,
        platform: { platformUrl: NO_PLATFORM },
        env: {},
        config: { files: [], overwrite: false },
        credentials: null,
        workspaceDir: null,
        workspaceAccess: 'none',
        resetSession: false,
      },
      { owner: stage.workers.owner, network: stage.workers.network, tierOverrides: {}, mostCpus: os.cpus().length },
    );
    // Without our own labels: the worker beside would take it for a box that nobody knows.
    this.creation = { ...options, Labels: this.labels };
  }

  async create(): Promise<void> {
    const names = [this.volumes.configs, this.volumes.work];
    await Promise.all(names.map((Name) => this.engine.createVolume({ Name, Labels: this.labels })));
    await this.start();
  }

  async start(): Promise<void> {
    this.container = await this.engine.createContainer(this.creation);
    await this.container.start();
  }

  async remove(): Promise<void> {
    await this.container?.remove({ force: true, v: true });
    this.container = undefined;
  }

  async removeVolume(which: 'configs' | 'work'): Promise<void> {
    await this.engine.getVolume(this.volumes[which]).remove();
  }
}
