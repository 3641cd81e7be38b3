import { Button, Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ConfigHistoryAnswer } from '../../protocol/config-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { When } from '../console/when.tsx'
import { ChangeDiff } from './change-diff.tsx'
import { changeSummary } from './change-facts.ts'
import { ChangeQuestion } from './change-question.tsx'
import { faultsOf, type TextFault } from './fault-facts.ts'
import { FaultList } from './fault-list.tsx'
import { useChange } from './use-change.ts'

type Change = ConfigHistoryAnswer['changes'][number]

const PAGE = 20

/** Every change, the newest first: who, why, when, what; and the way back to each. `name`: of one document alone. */
export function ChangeHistory(props: { name?: string; revision: number; again: () => void }) {
  const { name } = props
  const { may, tell } = useConsole()
  const history = useHistory(name, props.revision)
  const change = useChange()
  const [to, setTo] = useState(0)
  const [faults, setFaults] = useState<readonly TextFault[]>([])

  const ask = async (revision: number) => {
    setTo(revision)
    setFaults([])
    const body = { to: revision, ...(name !== undefined && { name }) }
    const outcome = await change.ask({ path: '/api/config/rollback', body })
    if (outcome.kind === 'faults') setFaults(faultsOf(outcome.faults))
    if (outcome.kind === 'answered' && outcome.answer.diffs.length === 0)
      tell(`There is nothing to change: all is as it was at revision ${revision}.`)
    if (outcome.kind === 'trouble') tell(outcome.sentence)
  }
  const store = async (reason: string) => {
    const outcome = await change.store(reason)
    if (outcome?.kind === 'answered')
      tell(`It is as it was at revision ${to} again; this is revision ${outcome.answer.revision}.`)
    if (outcome?.kind === 'faults') setFaults(faultsOf(outcome.faults))
    if (outcome?.kind === 'conflict') tell('Somebody changed something at this moment. Look again, then go back.')
    props.again()
  }

  const { changes, more, earlier } = history
  if (!changes) return <Skeleton height={260} radius={14} />
  if (changes.length === 0)
    return (
      <section className="card empty">
        <h3>Nothing was changed yet</h3>
        <p>Every change will stand here with who made it, why and when, and with the way back.</p>
      </section>
    )
  return (
    <>
      <FaultList faults={faults} onGo={() => {}} />
      <ol className="history" aria-label="Changes, the newest first">
        {changes.map((each, place) => (
          <Entry
            key={each.revision}
            change={each}
            diffs={each.diffs.filter(({ document }) => name === undefined || document === name)}
            open={place === 0}
            // What holds now needs no way back.
            onBack={may('admin') && place > 0 ? () => void ask(each.revision) : undefined}
            busy={change.busy}
          />
        ))}
      </ol>
      {more && (
        <Button variant="default" onClick={earlier} className="history-more">
          Show earlier changes
        </Button>
      )}
      <ChangeQuestion
        asked={change.asked}
        title={name === undefined ? `All documents back to revision ${to}?` : `${name} back to revision ${to}?`}
        act="Roll back"
        harmless="Leave it as it is"
        dangerous
        busy={change.busy}
        trouble={change.trouble}
        onClose={change.forget}
        onStore={(reason) => void store(reason)}
      />
    </>
  )
}

function Entry(props: {
  change: Change
  /** What of it is shown. */
  diffs: Change['diffs']
  open: boolean
  busy: boolean
  onBack: (() => void) | undefined
}) {
  const { revision, at, author, reason, diffs } = props.change
  return (
    <li className="card">
      <header>
        <span className="history-revision">{revision}</span>
        <div>
          <h3>{reason}</h3>
          <p>
            <strong>{author}</strong>, <When at={at} />: {changeSummary(diffs)}
          </p>
        </div>
        {props.onBack && (
          <Button
            variant="default"
            size="xs"
            disabled={props.busy}
            aria-label={`Back to this: revision ${revision}`}
            onClick={props.onBack}
          >
            Back to this
          </Button>
        )}
      </header>
      <details open={props.open}>
        <summary>
          What changed<span className="hidden-text"> in revision {revision}</span>
        </summary>
        <ChangeDiff diffs={props.diffs} />
      </details>
    </li>
  )
}

function useHistory(name: string | undefined, revision: number) {
  const { call, tell } = useConsole()
  const [changes, setChanges] = useState<readonly Change[]>()
  const [more, setMore] = useState(false)
  const query = (before?: number) =>
    `/api/config/history?${new URLSearchParams({
      limit: String(PAGE),
      ...(name !== undefined && { name }),
      ...(before !== undefined && { before: String(before) }),
    })}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another revision is another history
  useEffect(() => {
    let stopped = false
    void call<ConfigHistoryAnswer>(query()).then((result) => {
      if (stopped) return
      if (result.kind !== 'ok') return tell('The history did not come. Reload the page to ask again.')
      setChanges(result.answer.changes)
      setMore(result.answer.changes.length === PAGE)
    })
    return () => {
      stopped = true
    }
  }, [name, revision, call])
  const earlier = async () => {
    const result = await call<ConfigHistoryAnswer>(query(changes?.at(-1)?.revision))
    if (result.kind !== 'ok') return tell('Earlier changes did not come. Try again in a moment.')
    setChanges([...(changes ?? []), ...result.answer.changes])
    setMore(result.answer.changes.length === PAGE)
  }
  return { changes, more, earlier }
}
