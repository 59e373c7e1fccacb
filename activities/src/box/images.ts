/** A container of ours, as far as its image matters. */
export interface ImageUser {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly externalId: string;
  /** As the engine shows it to people. */
  readonly name: string;
}

/** What a container was made from. */
export interface UsedImage {
  /** The name it was asked for: an image that has moved on under that name shows only an id in listings. */
  readonly image: string;
  readonly imageId: string;
}

/** The images of a backend that has such. Every call is bounded, and fails with a `BackendError`. */
export interface BoxImages {
  /** Pulls an image, to its end. */
  pull(image: string, signal: AbortSignal): Promise<void>;
  /** What the engine has under this name; null when it has none. */
  idOf(image: string): Promise<string | null>;
  /** What the registry has under this name. */
  remoteDigest(image: string): Promise<string>;
  /** The containers of this owner's boxes, running or not. */
  users(): Promise<ImageUser[]>;
  /** Null when it is gone. */
  usedBy(externalId: string): Promise<UsedImage | null>;
}
