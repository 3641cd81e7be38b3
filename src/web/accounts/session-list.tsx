import { Button } from '@mantine/core'
import { useState } from 'react'
import type { SessionRow, SessionsAnswer } from '../../protocol/account-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection } from '../console/page-section.tsx'
import { Question } from '../console/question.tsx'
import type { RestResult } from '../console/rest-client-node.ts'
import { troubleOf, useAct } from '../console/use-act.ts'
import { When } from '../console/when.tsx'
import { browserText } from './accounts-facts.ts'
import './session-list.css'

const EVERY_MS = 5_000
const VIA: Readonly<Record<SessionRow['via'], string>> = {
  password: 'by password',
  provider: 'by provider',
  'set-up': 'by the set-up link',
}
const DONE = { kind: 'ok', answer: {} } as const

/** Where an account is signed in. The session of whoever looks is never ended here: for that there is signing out. */
export function SessionList(props: { account: string; mayEnd: boolean; whose: string }) {
  const { call, tell } = useConsole()
  const path = `/api/accounts/${props.account}/sessions`
  const { again, ...polled } = usePolled<SessionsAnswer>(path, EVERY_MS)
  const [asking, setAsking] = useState(false)
  const { busy, trouble, forget, perform } = useAct()
  const sessions = polled.answer?.sessions
  const others = sessions?.filter((session) => !session.present) ?? []
  const present = others.length < (sessions?.length ?? 0)

  const end = async ({ id }: SessionRow): Promise<RestResult<object>> => {
    const result = await call<object>(`${path}/${id}/end`, {})
    // Somebody else ended it meanwhile: what was wanted is so.
    return result.kind === 'refused' && result.refusal.code === 'unknown-account' ? DONE : result
  }
  const endOne = async (session: SessionRow) => {
    const result = await end(session)
    tell(result.kind === 'ok' ? `${browserText(session.browser)} is signed out.` : troubleOf(result))
    again()
  }
  const endAll = async () => {
    const done = await perform(async () => {
      for (const session of others) {
        const result = await end(session)
        if (result.kind !== 'ok') return result
      }
      return DONE
    })
    again()
    if (!done) return
    setAsking(false)
    tell(`${plural(others.length, 'session')} ended.`)
  }

  const columns: readonly Column<SessionRow>[] = [
    {
      key: 'browser',
      head: 'Browser',
      wide: true,
      cell: ({ browser, present: mine }) => (
        <span className="session-browser">
          <span title={browser}>{browserText(browser)}</span>
          {mine && <span className="tag tag-good">This one</span>}
        </span>
      ),
    },
    { key: 'address', head: 'Address', cell: ({ address }) => <span className="address">{address}</span> },
    {
      key: 'made',
      head: 'Signed in',
      cell: ({ madeAt, via }) => (
        <span>
          <When at={madeAt} /> <span className="faint">{VIA[via]}</span>
        </span>
      ),
    },
    { key: 'seen', head: 'Last seen', cell: ({ seenAt }) => <When at={seenAt} /> },
    { key: 'ends', head: 'Ends', cell: ({ endsAt }) => <When at={endsAt} /> },
    {
      key: 'end',
      label: 'Acts',
      cell: (session) =>
        props.mayEnd &&
        !session.present && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`End the session of ${browserText(session.browser)} at ${session.address}`}
            onClick={() => void endOne(session)}
          >
            End
          </Button>
        ),
    },
  ]
  return (
    <PageSection
      title="Sessions"
      acts={
        props.mayEnd &&
        others.length > 1 && (
          <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
            {present ? 'End all others' : 'End all'}
          </Button>
        )
      }
    >
      {sessions || !polled.refusal ? (
        <DataTable
          label="Sessions"
          columns={columns}
          rows={sessions}
          keyOf={({ id }) => id}
          empty={<p className="people-none">{props.whose} signed in nowhere.</p>}
        />
      ) : (
        <p className="people-none">{polled.refusal.message}</p>
      )}
      <Question
        asked={
          asking
            ? {
                title: present ? 'End all other sessions?' : 'End all sessions?',
                body: (
                  <p>
                    Whoever uses {others.length === 2 ? 'both' : `one of the ${others.length}`} must sign in again.
                    {present && ' This one stays as it is.'}
                  </p>
                ),
                act: `End ${plural(others.length, 'session')}`,
                harmless: 'Leave them',
                dangerous: true,
              }
            : undefined
        }
        busy={busy}
        trouble={trouble}
        onClose={() => {
          forget()
          setAsking(false)
        }}
        onAct={() => void endAll()}
      />
    </PageSection>
  )
}
