import { useEffect, useReducer } from 'react'
import { calmStatus } from '../calm-status.ts'
import { pageClock } from '../page-clock-node.ts'
import type { DeskView } from './staff-desk.ts'

/** Who works here and, only where it lasts, what is wrong with the connection. */
export function DeskStatus(props: { view: DeskView; stale: boolean }) {
  const { view, stale } = props
  const [, lookAgain] = useReducer((count: number) => count + 1, 0)
  const nowMs = pageClock.monotonicMs()
  const { line, againInMs } = calmStatus({
    connection: view.connection,
    connectionSinceMs: view.connectionSinceMs,
    conversation: 'live',
    conversationSinceMs: 0,
    nowMs,
  })
  useEffect(() => (againInMs === undefined ? undefined : pageClock.after(againInMs, lookAgain)))
  const listLine = stale ? 'The list is a moment old' : ''
  return (
    <>
      <span className={`calm-line ${line?.tone ?? ''}`} role="status">
        {line?.text ?? listLine}
      </span>
      {view.me && (
        <span>
          You are <strong>{view.me.name}</strong>
        </span>
      )}
    </>
  )
}
