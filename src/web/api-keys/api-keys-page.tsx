import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ApiKeyMadeAnswer, ApiKeyRow, ApiKeysAnswer } from '../../protocol/account-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { Question } from '../console/question.tsx'
import { type Once, ShownOnce } from '../console/shown-once.tsx'
import { useAct } from '../console/use-act.ts'
import { useNow, When } from '../console/when.tsx'
import { inUseFirst, stateOf } from './api-keys-facts.ts'
import { NewKeyQuestion } from './new-key-question.tsx'
import '../accounts/people.css'
import './api-keys-page.css'

const EVERY_MS = 10_000

/** What programs sign in with. */
export default function ApiKeysPage() {
  const { may, tell } = useConsole()
  const { again, ...polled } = usePolled<ApiKeysAnswer>('/api/api-keys', EVERY_MS)
  const now = useNow(EVERY_MS)
  const [making, setMaking] = useState(false)
  const [once, setOnce] = useState<Once>()
  const [condemned, setCondemned] = useState<ApiKeyRow>()
  const { busy, trouble, forget, post } = useAct()
  const mayChange = may('admin')
  const keys = polled.answer?.keys

  const revoke = async ({ id, name }: ApiKeyRow) => {
    if (!(await post(`/api/api-keys/${id}/revoke`, {}))) return
    setCondemned(undefined)
    tell(`The key ${name} opens nothing any more.`)
    again()
  }
  return (
    <div className="page-stack people">
      <PolledTrouble polled={polled} />
      {(keys || !polled.refusal) && (
        <PageSection
          title="Keys of programs"
          acts={mayChange && <Button onClick={() => setMaking(true)}>New API key</Button>}
        >
          <DataTable
            label="API keys"
            columns={columnsOf(now, mayChange, setCondemned)}
            rows={keys && inUseFirst(keys, now)}
            keyOf={({ id }) => id}
            empty={<NoKeys mayMake={mayChange} />}
          />
        </PageSection>
      )}
      <NewKeyQuestion
        open={making}
        onClose={() => setMaking(false)}
        onMade={(made) => {
          setOnce(onceOf(made))
          again()
        }}
      />
      <ShownOnce once={once} onKept={() => setOnce(undefined)} />
      <Question
        asked={
          condemned && {
            title: `Revoke ${condemned.name}?`,
            body: (
              <p>
                The program that uses it is refused within seconds, and every token it got for the key with it. A
                revoked key cannot be made good again.
              </p>
            ),
            act: 'Revoke',
            harmless: 'Keep it',
            dangerous: true,
          }
        }
        busy={busy}
        trouble={trouble}
        onClose={() => {
          forget()
          setCondemned(undefined)
        }}
        onAct={() => condemned && void revoke(condemned)}
      />
    </div>
  )
}

function columnsOf(now: number, mayChange: boolean, onRevoke: (key: ApiKeyRow) => void): readonly Column<ApiKeyRow>[] {
  return [
    {
      key: 'name',
      head: 'Key',
      wide: true,
      cell: (key) => {
        const state = stateOf(key, now)
        return (
          <span className={`key-name key-${state}`}>
            <b>{key.name}</b>
            {state === 'revoked' && <span className="tag tag-bad">Revoked</span>}
            {state === 'ended' && <span className="tag">Over</span>}
          </span>
        )
      },
    },
    {
      key: 'scopes',
      head: 'Scopes',
      cell: ({ scopes }) => (
        <span className="tags">
          {scopes.map((scope) => (
            <span key={scope} className={`tag ${scope === 'admin' ? 'tag-strong' : ''}`}>
              {scope}
            </span>
          ))}
        </span>
      ),
    },
    {
      key: 'made',
      head: 'Made',
      cell: ({ madeAt, madeBy }) => (
        <span>
          <When at={madeAt} /> <span className="faint">by {madeBy}</span>
        </span>
      ),
    },
    {
      key: 'used',
      head: 'Last used',
      cell: ({ usedAt }) => (usedAt === undefined ? <span className="faint">Never</span> : <When at={usedAt} />),
    },
    {
      key: 'ends',
      head: 'Ends',
      cell: ({ endsAt, revokedAt }) => {
        const at = revokedAt ?? endsAt
        return at === undefined ? <span className="faint">Never</span> : <When at={at} />
      },
    },
    {
      key: 'revoke',
      label: 'Acts',
      cell: (key) =>
        mayChange &&
        stateOf(key, now) === 'good' && (
          <Button variant="default" size="compact-sm" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
            Revoke
          </Button>
        ),
    },
  ]
}

function onceOf({ name, key }: ApiKeyMadeAnswer): Once {
  const about = (
    <>
      <strong>{name}</strong> brings it as <code>Authorization: Bearer</code>. Whoever has it may do what its scopes
      say: keep it where secrets are kept, and out of pages and repositories.
    </>
  )
  return { title: 'The key is made', about, label: 'API key', text: key }
}

function NoKeys(props: { mayMake: boolean }) {
  return (
    <div className="empty">
      <h3>No program has a key yet</h3>
      <p>
        {props.mayMake
          ? 'Make one for the server of a shop that opens conversations for its customers, or for what watches this cluster.'
          : 'An administrator makes them here, or by “holdfast api-key add”.'}
      </p>
    </div>
  )
}
