import { ensureAgentImage } from '@holdfast/infra/images/agent-image';
import { hasDocker, uniqueId } from '@holdfast/infra/testing/index';
import { dockerBackend } from '../src/box/docker/backend.ts';
import { containerOptions, ownVolumeLabels } from '../src/box/docker/container-options.ts';
import { volumeNames } from '../src/box/names.ts';
import { answers } from './answers.ts';
import { docker, log, missingIsNull, readVolume } from './box-docker-given.ts';
import { describeBoxPort } from './box-port.ts';
import { localBoxTests } from './box-port-local.ts';

const network = uniqueId('holdfast-test');

describeBoxPort(
  'Docker',
  async () => {
    const image = await ensureAgentImage(docker);
    const owner = uniqueId('ours');
    const backend = dockerBackend({ docker, owner, network, log });
    return {
      backend,
      stranger: dockerBackend({ docker, owner: uniqueId('theirs'), network, log }),
      image,
      async halfHeard(spec) {
        const Labels = ownVolumeLabels(owner, spec.workspaceId);
        const { configs, work } = volumeNames(spec.workspaceId);
        await Promise.all([configs, work].map((Name) => docker.createVolume({ Name, Labels })));
        await docker.createContainer(containerOptions(spec, { owner, network, tierOverrides: {}, mostCpus: 1 }));
      },
      readConfig: (workspaceId, name) => readVolume(volumeNames(workspaceId).configs, image, name),
      hasWork: async (workspaceId) =>
        (await missingIsNull(docker.getVolume(volumeNames(workspaceId).work).inspect())) !== null,
      answers,
      close: async () => {
        await missingIsNull(docker.getNetwork(network).remove());
      },
    };
  },
  hasDocker(),
  localBoxTests,
);
