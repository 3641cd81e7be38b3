import { useCallback, useEffect, useRef, useState } from 'react'
import type { AuditAnswer, AuditRecordRow } from '../../protocol/audit-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import type { Polled } from '../console/use-poll.ts'
import { type AuditFilter, auditPath } from './audit-facts.ts'

const NEWEST_EVERY_MS = 10_000

/** The part of the trail that is shown, the newest first. It grows at its old end; nothing ever moves in it. */
export interface Trail {
  /** Absent before the first answer. */
  readonly records: readonly AuditRecordRow[] | undefined
  /** There is more further back that was not looked at. */
  readonly more: boolean
  readonly busy: boolean
  readonly trouble: string | undefined
  readonly older: () => void
  /** Once more what there was trouble with. */
  readonly again: () => void
  /** Begins anew at the end of the trail. */
  readonly anew: () => void
  /** The end of the trail as it is now. */
  readonly newest: Polled<AuditAnswer>
}

interface Looked {
  readonly records?: readonly AuditRecordRow[]
  readonly next?: number
}

/** One question, and what stood there already in front of its answer. */
interface Look {
  readonly path: string
  readonly before: readonly AuditRecordRow[]
}

/** `from`: begins below this number instead of at the end. */
export function useTrail(filter: AuditFilter, sinceMs: number | undefined, from: number | undefined): Trail {
  const { call } = useConsole()
  const newest = usePolled<AuditAnswer>('/api/audit?limit=1', NEWEST_EVERY_MS)
  const [looked, setLooked] = useState<Looked>({})
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const first = auditPath(filter, sinceMs, from)
  // A look that another one has overtaken is not shown; the last one is what is tried again.
  const turn = useRef(0)
  const last = useRef<Look>({ path: first, before: [] })
  const look = useCallback(
    async (wanted: Look) => {
      const { path, before } = wanted
      last.current = wanted
      turn.current += 1
      const mine = turn.current
      setBusy(true)
      setTrouble(undefined)
      const result = await call<AuditAnswer>(path)
      if (mine !== turn.current) return
      setBusy(false)
      if (result.kind === 'ok') {
        const { records, next } = result.answer
        setLooked({ records: [...before, ...records.toReversed()], ...(next !== undefined && { next }) })
      } else setTrouble(result.kind === 'refused' ? result.refusal.message : 'This node does not answer. Try again.')
    },
    [call],
  )
  // A fresh token makes another `call`; that is no reason to begin anew.
  const looking = useRef(look)
  looking.current = look
  useEffect(() => {
    setLooked({})
    void looking.current({ path: first, before: [] })
  }, [first])
  const { records = [], next } = looked
  return {
    records: looked.records,
    more: next !== undefined,
    busy,
    trouble,
    older: () => void look({ path: auditPath(filter, sinceMs, next), before: records }),
    again: () => void look(last.current),
    anew: () => void look({ path: first, before: [] }),
    newest,
  }
}
