/**
 * The name of a configuration document: its kind, and where a kind has several, a name of its own: `branding`,
 * `queue/sales`. Also its path in a directory, without the ending.
 */
export interface DocumentName {
  readonly kind: string
  readonly own?: string
}

const KIND = '[a-z][a-z-]{0,31}'
const OWN = '[a-z0-9][a-z0-9-]{0,62}'
const NAME = new RegExp(`^(${KIND})(?:/(${OWN}))?$`)

export function documentName(text: string): DocumentName | undefined {
  const [, kind, own] = NAME.exec(text) ?? []
  if (kind === undefined) return undefined
  return { kind, ...(own !== undefined && { own }) }
}
