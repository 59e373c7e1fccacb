/** What proves who pulls, at one registry. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  /** Where the images are that it is for, as in `registry.example.com/team`; empty is the engine's own default. */
  readonly registry: string;
}

/** The host of an image's registry; empty where the engine chooses it. */
const hostOf = (image: string): string => {
  const [first, ...rest] = image.split('/');
  return rest.length > 0 && first && (/[.:]/.test(first) || first === 'localhost') ? first : '';
};

/** What the engine is told for this image. A password is shown to its own registry only. */
export function authOf(
  image: string,
  login: RegistryLogin | undefined,
): { username: string; password: string } | undefined {
  if (!login || hostOf(image) !== hostOf(`${login.registry}/image`)) return undefined;
  return { username: login.username, password: login.password };
}
