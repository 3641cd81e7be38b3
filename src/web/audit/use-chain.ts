import { useEffect, useRef, useState } from 'react'
import type { AuditAnswer, AuditCheckAnswer, AuditHeadRow, AuditRecordRow } from '../../protocol/audit-answers.ts'
import { useConsole } from '../console/console-context.ts'
import type { RestResult } from '../console/rest-client-node.ts'
import { pageClock } from '../page-clock-node.ts'
import type { ChainState } from './audit-facts.ts'

const NO_RECORDS: AuditHeadRow = { n: 0, hash: '' }
/** A trail of no more records is checked without being asked for. */
const AT_ONCE = 5_000
const PAGE = 1_000

/** The whole trail, piece by piece, checked by the node that answers. `end`: its last number, once it is known. */
export function useChain(end: number | undefined): { state: ChainState; check: () => void } {
  const call = usePatientCall()
  const [state, setState] = useState<ChainState>({ kind: 'unchecked' })
  const stopped = useRef(false)
  useEffect(() => {
    stopped.current = false
    return () => {
      stopped.current = true
    }
  }, [])
  const check = async () => {
    let from = NO_RECORDS
    setState({ kind: 'checking', checked: 0, all: end ?? 0 })
    while (!stopped.current) {
      const result = await call<AuditCheckAnswer>(`/api/audit/check?after=${from.n}&hash=${from.hash}`)
      if (stopped.current) return
      if (result.kind !== 'ok') return setState({ kind: 'trouble', sentence: troubleOf(result) })
      const { answer } = result
      if (answer.kind === 'broken') return setState(answer)
      from = answer.checked
      if (from.n >= answer.head.n) return setState({ kind: 'sound', head: from })
      setState({ kind: 'checking', checked: from.n, all: answer.head.n })
    }
  }
  const begin = useRef(check)
  begin.current = check
  const soon = end !== undefined && end <= AT_ONCE
  useEffect(() => {
    if (soon) void begin.current()
  }, [soon])
  return { state, check: () => void check() }
}

/** Reads the whole trail; each record as a line, as `audit export` writes it. Answers why not, or nothing. */
export function useExport(): { reading: number | undefined; read: () => Promise<readonly string[] | undefined> } {
  const call = usePatientCall()
  const { tell } = useConsole()
  const [reading, setReading] = useState<number>()
  const read = async () => {
    const lines: string[] = []
    setReading(0)
    for (let after = 0; ; ) {
      const result = await call<AuditAnswer>(`/api/audit?after=${after}&limit=${PAGE}`)
      if (result.kind !== 'ok') {
        setReading(undefined)
        tell(troubleOf(result))
        return undefined
      }
      const { records, head } = result.answer
      lines.push(...records.map((record: AuditRecordRow) => JSON.stringify(record)))
      setReading(lines.length)
      const last = records.at(-1)?.n
      if (last === undefined || last >= head.n) break
      after = last
    }
    setReading(undefined)
    return lines
  }
  return { reading, read }
}

/** A long row of questions waits where the node asks for it. */
function usePatientCall() {
  const { call } = useConsole()
  const current = useRef(call)
  current.current = call
  return async <Answer>(path: string): Promise<RestResult<Answer>> => {
    for (;;) {
      const result = await current.current<Answer>(path)
      const waitMs = result.kind === 'refused' ? result.refusal.retryAfterMs : undefined
      if (result.kind !== 'refused' || result.refusal.code !== 'rate-limited' || waitMs === undefined) return result
      await new Promise<void>((resolve) => pageClock.after(waitMs, resolve))
    }
  }
}

function troubleOf(result: Exclude<RestResult<unknown>, { kind: 'ok' }>): string {
  return result.kind === 'refused' ? result.refusal.message : 'The node stopped answering. Try again.'
}
