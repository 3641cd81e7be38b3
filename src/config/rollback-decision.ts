import type { ConfigRecord } from '../store/config-store.ts'
import type { WantedDocument } from './change-decision.ts'

/**
 * What each document must become so that all are as they were at revision `to`. `records`: every change after it, the
 * newest first. A document that came later goes.
 */
export function rollback(to: number, records: readonly ConfigRecord[]): readonly WantedDocument[] {
  const bodies = new Map<string, { before: string | null; now: string | null }>()
  for (const { revision, edits } of records)
    for (const { name, before, after } of revision > to ? edits : [])
      bodies.set(name, { before, now: bodies.get(name)?.now ?? after })
  return [...bodies]
    .filter(([, { before, now }]) => before !== now)
    .map(([name, { before }]) => ({ name, text: before }))
}
