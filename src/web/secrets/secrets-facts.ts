import type { AuditRecordRow, SecretNodeRow, SecretsAnswer } from '../../protocol/audit-answers.ts'
import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { entryIn } from '../audit/audit-facts.ts'
import { documentsOf } from '../configuration/configuration-facts.ts'
import { formOf } from '../configuration/form-fields.ts'
import { plural } from '../console/console-text.ts'

/** A field of the configuration that is worth nothing without a secret. */
export interface SecretUse {
  /** The document that it stands in: `settings`. */
  readonly document: string
  /** `Settings: Mail server` */
  readonly text: string
  /** What the field is for, in the words of its schema. */
  readonly about: string
  /** Somebody filled it in: the secret is read. */
  readonly filled: boolean
}

/** A secret that the system knows of: because it is set, or because a field asks for it. Never what it is. */
export interface SecretFacts {
  readonly name: string
  readonly uses: readonly SecretUse[]
  /** Absent: it is not set. `by`: where the audit trail tells. */
  readonly set?: { readonly at: number; readonly by?: string }
}

export const SECRET_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** What is wrong with the name of a secret that was typed. */
export function nameFault(name: string): string | undefined {
  if (name === '' || SECRET_NAME.test(name)) return undefined
  return 'A name has small letters, digits and hyphens, such as mail-password.'
}

/** All secrets in the order of their names. What is not known yet may be absent. */
export function secretsOf(
  { secrets }: Pick<SecretsAnswer, 'secrets'>,
  config: Pick<ConfigAnswer, 'kinds' | 'documents'> | undefined,
  records: readonly AuditRecordRow[],
): readonly SecretFacts[] {
  const uses = config ? usesIn(config) : new Map<string, readonly SecretUse[]>()
  const names = [...new Set([...secrets.map(({ name }) => name), ...uses.keys()])].sort()
  return names.map((name) => {
    const at = secrets.find((each) => each.name === name)?.changedAt
    const by = at === undefined ? undefined : setBy(name, at, records)
    return {
      name,
      uses: uses.get(name) ?? [],
      ...(at !== undefined && { set: { at, ...(by !== undefined && { by }) } }),
    }
  })
}

/** By the name of the secret, the fields that ask for it. */
function usesIn(config: Pick<ConfigAnswer, 'kinds' | 'documents'>): ReadonlyMap<string, readonly SecretUse[]> {
  const uses = new Map<string, SecretUse[]>()
  for (const kind of config.kinds) {
    const written = documentsOf(kind, config)
    // The only document of its kind is there before anybody writes it.
    const documents = kind.many || written.length > 0 ? written : [{ name: kind.kind, value: {} }]
    for (const { name, label, about, secret, fallback } of formOf(kind.schema))
      if (secret !== undefined)
        for (const { name: document, value } of documents) {
          const filled = isFilled(fieldOf(value, name) ?? fallback)
          const use = { document, text: `${kind.many ? document : kind.title}: ${label}`, about, filled }
          uses.set(secret, [...(uses.get(secret) ?? []), use])
        }
  }
  return uses
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const isFilled = (value: unknown) => value !== undefined && value !== null && value !== ''

// Its record is made by the same node, right after the secret was set.
const RECORDED_WITHIN_MS = 10_000

/** Who set a secret at that time; another record of the same secret is about another time. */
function setBy(name: string, at: number, records: readonly AuditRecordRow[]): string | undefined {
  const near = records
    .map(entryIn)
    .filter(({ act, on, happened }) => act === 'secret.set' && on === `secret/${name}` && happened === 'done')
    .map((entry) => ({ entry, awayMs: Math.abs(entry.nodeAt - at) }))
    .filter(({ awayMs }) => awayMs <= RECORDED_WITHIN_MS)
    .sort((one, other) => one.awayMs - other.awayMs)
  const who = near[0]?.entry.who
  return who && (who.name || who.subject || undefined)
}

export interface Told {
  readonly tone: '' | 'good' | 'worry' | 'bad'
  readonly text: string
}

/** Whether a secret is there; that one is missing is a worry only where a field that needs it is filled in. */
export function stateOf({ set, uses }: SecretFacts): Told {
  if (set) return { tone: 'good', text: 'Set' }
  return uses.some(({ filled }) => filled) ? { tone: 'worry', text: 'Missing' } : { tone: '', text: 'Not set' }
}

/** How many are set and which are missing, in a sentence. */
export function togetherText(secrets: readonly SecretFacts[]): string {
  const set = secrets.filter(({ set: there }) => there).length
  const missing = secrets.filter((secret) => stateOf(secret).tone === 'worry').length
  return missing === 0 ? `${set} set` : `${set} set, ${missing} missing`
}

const KEY_STATES: Readonly<Record<SecretNodeRow['masterKey'], Told & { readonly advice: string }>> = {
  newest: { tone: 'good', text: 'Newest', advice: 'Opens everything.' },
  'no-secrets': { tone: '', text: 'Not needed yet', advice: 'Nothing was sealed yet.' },
  earlier: {
    tone: 'worry',
    text: 'Older',
    advice: 'Opens the secrets by an older master key. Give it the newest before the older ones are retired.',
  },
  none: {
    tone: 'bad',
    text: 'Missing',
    advice: 'Opens nothing. Give it the master key that the other nodes have, and restart it.',
  },
  silent: { tone: 'worry', text: 'Does not answer', advice: 'Whether it opens the secrets is not known.' },
}

/** How it stands with the master key of a node, and what to do. */
export const keyStateOf = ({ masterKey }: SecretNodeRow) => KEY_STATES[masterKey]

/**
 * Whether older master keys can be retired: `none` where there are no older ones, `shut-out` while nodes would open
 * nothing any more.
 */
export type Retiring =
  | { readonly kind: 'none' | 'ready' }
  | { readonly kind: 'shut-out'; readonly nodes: readonly string[] }

export function retiringOf({ dataKey, nodes }: SecretsAnswer): Retiring {
  if (!dataKey || dataKey.masterKeys < 2) return { kind: 'none' }
  const shutOut = nodes.filter(({ masterKey }) => masterKey !== 'newest' && masterKey !== 'no-secrets')
  return shutOut.length > 0 ? { kind: 'shut-out', nodes: shutOut.map(({ node }) => node) } : { kind: 'ready' }
}

/** What the data key seals: `3 secrets and 5 private keys of the cluster`. */
export function sealedText({ secrets, dataKey }: SecretsAnswer): string {
  const own = dataKey?.privateKeys ?? 0
  const parts = [
    ...(secrets.length > 0 || own === 0 ? [plural(secrets.length, 'secret')] : []),
    ...(own > 0 ? [`${plural(own, 'private key')} of the cluster`] : []),
  ]
  return parts.join(' and ')
}
