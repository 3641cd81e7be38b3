import type { AuditRow } from '../store/audit-store.ts'

/** What somebody looks for in the audit trail; all of it must fit. */
export interface AuditSearch {
  readonly who?: string
  readonly what?: string
  /** Milliseconds since 1970, store time. */
  readonly since?: number
}

/**
 * Whether a record is looked for: letters count the same in both cases. A record that cannot be read fits only whoever
 * looks for nothing: it is shown, or damage could hide.
 */
export function fitsAuditSearch(
  { at, body }: Pick<AuditRow, 'at' | 'body'>,
  { who, what, since }: AuditSearch,
): boolean {
  if (since !== undefined && at < since) return false
  if (who === undefined && what === undefined) return true
  const { people, things } = wordsIn(body)
  return fits(people, who) && fits(things, what)
}

function fits(words: readonly unknown[], part: string | undefined): boolean {
  const sought = part?.toLowerCase()
  return sought === undefined || words.some((word) => typeof word === 'string' && word.toLowerCase().includes(sought))
}

function wordsIn(body: string): { people: readonly unknown[]; things: readonly unknown[] } {
  try {
    const { act, on, who } = JSON.parse(body)
    return { people: [who?.name, who?.subject], things: [act, on] }
  } catch {
    return { people: [], things: [] }
  }
}
