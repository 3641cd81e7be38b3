/** All secrets of the cluster as they are stored: one document, so that a new data key and what it seals change together. */
export interface StoredSecrets {
  readonly dataKey: StoredDataKey
  readonly secrets: readonly StoredSecret[]
}

/** What seals the secrets. It is itself sealed by each master key that is in use: one, or two while they change. */
export interface StoredDataKey {
  readonly id: string
  /** Milliseconds since 1970 by the clock of the node that made it. */
  readonly madeAt: number
  /** The same key, sealed by one master key after the other: the newest is the last. */
  readonly sealed: readonly string[]
}

export interface StoredSecret {
  readonly name: string
  /** Milliseconds since 1970 by the clock of the node that was told. */
  readonly changedAt: number
  readonly sealed: string
}

/** What a secret may be called; it says what it is, and is no secret itself. */
export const SECRET_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** What the cluster's own private keys are called: as no operator can call a secret. */
export const PRIVATE_KEY_NAME = /^key\/[a-z0-9-]{1,100}$/

/** The same secrets with one of them changed, in the order of their names. */
export function withSecret(secrets: readonly StoredSecret[], changed: StoredSecret): readonly StoredSecret[] {
  const others = secrets.filter(({ name }) => name !== changed.name)
  return [...others, changed].sort((one, other) => (one.name < other.name ? -1 : 1))
}
