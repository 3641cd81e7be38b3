import { Button } from '@mantine/core'
import { useState } from 'react'
import type { SecretActAnswer, SecretNodeRow, SecretsAnswer } from '../../protocol/audit-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection } from '../console/page-section.tsx'
import { type Asked, Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { When } from '../console/when.tsx'
import { keyStateOf, type Retiring, retiringOf, sealedText } from './secrets-facts.ts'

type Act = 'rotate' | 'retire'

/** What seals the secrets, what the master key of every node is worth, and how both change. */
export function KeySection(props: { answer: SecretsAnswer; again: () => void }) {
  const { answer, again } = props
  const { dataKey, nodes } = answer
  const { may, tell } = useConsole()
  const [asking, setAsking] = useState<Act>()
  const { busy, trouble, forget, post } = useAct()
  const retiring = retiringOf(answer)
  const close = () => {
    forget()
    setAsking(undefined)
  }
  const rotate = async (retire: boolean) => {
    const done = await post<SecretActAnswer>('/api/secret-keys/rotate', { retire })
    again()
    if (!done) return
    tell(done.sentence)
    close()
  }
  return (
    <PageSection
      title="What seals them"
      acts={
        may('admin') &&
        dataKey && (
          <Button variant="default" onClick={() => setAsking('rotate')}>
            New data key
          </Button>
        )
      }
    >
      {dataKey ? (
        <dl className="seal-facts">
          <div>
            <dt>Data key</dt>
            <dd>
              <code>{dataKey.id}</code>
            </dd>
          </div>
          <div>
            <dt>Made</dt>
            <dd>
              <When at={dataKey.madeAt} />
            </dd>
          </div>
          <div>
            <dt>Seals</dt>
            <dd>{sealedText(answer)}</dd>
          </div>
          <div>
            <dt>Opened by</dt>
            <dd>{dataKey.masterKeys === 1 ? 'one master key' : `${dataKey.masterKeys} master keys`}</dd>
          </div>
        </dl>
      ) : (
        <p className="seal-note">Nothing was sealed yet. The first secret makes the data key.</p>
      )}
      <Change retiring={retiring} mayRetire={may('admin')} onRetire={() => setAsking('retire')} />
      <DataTable
        label="Master key of each node"
        columns={COLUMNS}
        rows={nodes}
        keyOf={({ node }) => node}
        empty={<p className="seal-note">No node is there to ask.</p>}
      />
      <Question
        asked={asking && QUESTIONS[asking]}
        busy={busy}
        trouble={trouble}
        onClose={() => {
          if (!busy) close()
        }}
        onAct={() => void rotate(asking === 'retire')}
      />
    </PageSection>
  )
}

/** How the change of the master key goes on, while it does. Always in the document, so that it is read out. */
function Change(props: { retiring: Retiring; mayRetire: boolean; onRetire: () => void }) {
  const { retiring } = props
  return (
    <div className="seal-change" role="status">
      {retiring.kind === 'shut-out' && (
        <p>
          The master key is being changed. <strong>{retiring.nodes.join(', ')}</strong> would be shut out if the older
          ones were retired now: give every node the newest one first.
        </p>
      )}
      {retiring.kind === 'ready' && (
        <>
          <p>The master key is being changed, and every node has the newest one. Retire the older ones to end it.</p>
          {props.mayRetire && <Button onClick={props.onRetire}>Retire older keys</Button>}
        </>
      )}
    </div>
  )
}

const COLUMNS: readonly Column<SecretNodeRow>[] = [
  { key: 'node', head: 'Node', cell: ({ node }) => <strong>{node}</strong> },
  {
    key: 'state',
    head: 'Master key',
    cell: (row) => {
      const { tone, text } = keyStateOf(row)
      return (
        <span>
          <span className={`state-tag ${tone}`}>{text}</span>
        </span>
      )
    },
  },
  { key: 'advice', head: 'Meaning', wide: true, cell: (row) => keyStateOf(row).advice },
]

const QUESTIONS: Readonly<Record<Act, Asked>> = {
  rotate: {
    title: 'Make a new data key?',
    body: (
      <p>All that is sealed is sealed anew by it, in one step. Nobody who reads or sets a secret meanwhile notices.</p>
    ),
    act: 'Make it',
  },
  retire: {
    title: 'Retire the older master keys?',
    body: (
      <p>
        A new data key is made, which <strong>only the newest master key</strong> opens. Whoever has none but an older
        one opens nothing any more, such as a node that was not asked because it is down.
      </p>
    ),
    act: 'Retire them',
    harmless: 'Keep them',
    dangerous: true,
  },
}
