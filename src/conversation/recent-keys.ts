import type { ParticipantId, Seq } from '../base/ids.ts'

/** Where a key was used, and the digest of the command that used it. */
export interface KeyUse {
  readonly seq: Seq
  readonly digest: string
}

type NamedUse = readonly [name: string, use: KeyUse]

/**
 * The newest keys of a conversation, as a value. Memory is bounded and adding is cheap: keys gather in `young`, a short
 * list that is copied at each step, and move on together into `old`, from which as many of the oldest fall out. So
 * between 512 and 543 keys stay, and looking one up costs the same however long the conversation is.
 */
export interface RecentKeys {
  readonly old: ReadonlyMap<string, KeyUse>
  readonly young: readonly NamedUse[]
  /** No key ever fell out: a key that is not here is not in the log. */
  readonly complete: boolean
}

const YOUNG_MAX = 32
const OLD_MAX = 512

export const NO_KEYS: RecentKeys = { old: new Map(), young: [], complete: true }

// U+0000 is in neither part (`text-rule.ts`), so two pairs never make one name.
const nameOf = (sender: ParticipantId, key: string) => `${sender}\u0000${key}`

export function findRecentKey(keys: RecentKeys, sender: ParticipantId, key: string): KeyUse | undefined {
  const name = nameOf(sender, key)
  return keys.young.findLast(([other]) => other === name)?.[1] ?? keys.old.get(name)
}

export function withKey(keys: RecentKeys, sender: ParticipantId, key: string, use: KeyUse): RecentKeys {
  const { old, complete } = keys
  const young: readonly NamedUse[] = [...keys.young, [nameOf(sender, key), use]]
  if (young.length < YOUNG_MAX) return { old, young, complete }
  const rows = [...old, ...young]
  const kept = new Map(rows.slice(-OLD_MAX))
  return { old: kept, young: [], complete: complete && kept.size === rows.length }
}

/** One row of a snapshot. */
export type KeyRow = readonly [sender: ParticipantId, key: string, seq: Seq, digest: string]

/** All keys, oldest first. */
export function keyRows(keys: RecentKeys): KeyRow[] {
  return [...keys.old, ...keys.young].map(([name, { seq, digest }]) => {
    const cut = name.indexOf('\u0000')
    return [name.slice(0, cut), name.slice(cut + 1), seq, digest] as const
  })
}

/** The inverse of `keyRows`: what is behind the last whole step is young. */
export function keysFromRows(rows: readonly KeyRow[], complete: boolean): RecentKeys {
  const named = rows.map(([sender, key, seq, digest]) => [nameOf(sender, key), { seq, digest }] as const)
  const aged = named.length - (named.length % YOUNG_MAX)
  return { old: new Map(named.slice(0, aged).slice(-OLD_MAX)), young: named.slice(aged), complete }
}
