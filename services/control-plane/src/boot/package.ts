import type { ProvisionRequest } from '../instance/provision-request.ts';

/** All that a box is told once it has proved itself; kept sealed until then. */
export interface BootPackage {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** Base64 by path below the configuration directory. */
  readonly files: Readonly<Record<string, string>>;
  /** They take the place of what a disk has kept. Left out when they do not. */
  readonly overwrite?: boolean;
}

/** Which container image a runtime has. */
export interface Images {
  readonly registry: string | undefined;
  readonly reference: string;
}

const paths = { config: '/configs', plugins: '/plugins', python: '/app' } as const;

/** What the platform's own request says over its fields wins, as the contract has it: later entries win. */
export function bootPackage(request: ProvisionRequest, images: Images): BootPackage {
  const { display } = request;
  return {
    image: imageOf(request.runtime, images),
    env: {
      WORKSPACE_ID: request.workspace_id,
      WORKSPACE_CONFIG_PATH: paths.config,
      PLATFORM_URL: request.platform_url,
      MOLECULE_URL: request.platform_url,
      TIER: String(request.tier),
      PLUGINS_DIR: paths.plugins,
      PYTHONPATH: paths.python,
      ...(display === undefined ? {} : { HOLDFAST_DISPLAY: JSON.stringify(display) }),
      ...request.env,
    },
    files: request.config_files ?? {},
    ...(request.overwrite ? { overwrite: true } : {}),
  };
}

function imageOf(runtime: string, { registry, reference }: Images): string {
  if (runtime === 'reference') return reference;
  const name = `workspace-template-${runtime}:latest`;
  return registry === undefined ? name : `${registry}/${name}`;
}
